#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>

#include "lockable.hpp"

namespace contention {

namespace {

class NoLock : public Lockable {
 public:
  Granted acquire(std::int64_t, std::string &) override { return Granted::yes; }
  std::int64_t token() override { return ++token_; }
  bool is_held() override { return true; }
  std::int64_t remaining_ms() override { return 30'000; }
  std::int32_t release() override { return 0; }

 private:
  std::int64_t token_ = 0;  // of this contender alone: the others give the same ones
};

class Believer : public Lockable {
 public:
  explicit Believer(std::unique_ptr<Lockable> real) : real_(std::move(real)) {}
  Granted acquire(std::int64_t wait_ms, std::string &why) override { return real_->acquire(wait_ms, why); }
  std::int64_t token() override { return real_->token(); }
  bool is_held() override { return true; }
  std::int64_t remaining_ms() override { return 30'000; }
  std::int32_t release() override {
    real_->release();
    return 0;
  }

 private:
  std::unique_ptr<Lockable> real_;
};

// flock(2), with the token in the locked file.
class Flock : public Lockable {
 public:
  explicit Flock(const std::string &path) : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ < 0) throw std::runtime_error("cannot open " + path);
  }
  ~Flock() override { close(fd_); }
  Flock(const Flock &) = delete;
  Flock &operator=(const Flock &) = delete;

  Granted acquire(std::int64_t, std::string &why) override {
    if (flock(fd_, LOCK_EX) != 0 || pread(fd_, &token_, sizeof token_, 0) < 0 ||
        pwrite(fd_, &++token_, sizeof token_, 0) != sizeof token_) {
      why = "flock, pread or pwrite failed";
      return Granted::no;
    }
    return Granted::yes;
  }
  std::int64_t token() override { return token_; }
  bool is_held() override { return true; }
  std::int64_t remaining_ms() override { return 30'000; }
  std::int32_t release() override { return flock(fd_, LOCK_UN); }

 private:
  int fd_;
  std::int64_t token_ = 0;
};

}  // namespace

std::unique_ptr<Lockable> make_lock(const std::string &name, LockKind kind, std::uint32_t slot) {
  if (name == "none") return std::make_unique<NoLock>();
  if (name == "apart") kind.uri += std::to_string(slot);
  if (name == "real" || name == "apart") return real_lock(kind);
  if (name == "believer") return std::make_unique<Believer>(real_lock(kind));
  if (name == "flock") return std::make_unique<Flock>(kind.uri);
  throw std::invalid_argument("--lock is real, flock, none, apart or believer, not " + name);
}

}  // namespace contention
