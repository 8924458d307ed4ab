#include <vfslock/vfslock.h>

#include <stdexcept>

#include "lockable.hpp"

namespace contention {

namespace {

class RealLock : public Lockable {
 public:
  explicit RealLock(const LockKind &kind) : uri_(kind.uri) {
    vfslock_error *err = nullptr;
    vfslock_options_new(&options_, nullptr);
    vfslock_options_set_ttl_ms(options_, kind.ttl_ms, nullptr);
    vfslock_options_set_renewal(options_, kind.renewal ? 1 : 0, nullptr);
    if (vfslock_options_set_keep_record(options_, kind.keep ? 1 : 0, &err) != VFSLOCK_OK) {
      throw std::runtime_error(take_message(err));
    }
  }
  ~RealLock() override {
    vfslock_lock_free(lock_);
    vfslock_options_free(options_);
  }
  RealLock(const RealLock &) = delete;
  RealLock &operator=(const RealLock &) = delete;

  Granted acquire(std::int64_t wait_ms, std::string &why) override {
    vfslock_error *err = nullptr;
    const vfslock_status status = vfslock_acquire(nullptr, uri_.c_str(), options_, wait_ms, nullptr, &lock_, &err);
    if (status == VFSLOCK_OK) return Granted::yes;
    why = std::string(vfslock_status_name(status)) + ": " + take_message(err);
    return status == VFSLOCK_LOST ? Granted::late : Granted::no;
  }
  std::int64_t token() override { return vfslock_lock_token(lock_); }
  bool is_held() override { return vfslock_lock_is_held(lock_) == 1; }
  std::int64_t remaining_ms() override { return vfslock_lock_remaining_ms(lock_); }
  std::int32_t release() override {
    const vfslock_status status = vfslock_lock_release(lock_, VFSLOCK_OWN_BOUND, nullptr, nullptr);
    vfslock_lock_free(lock_);
    lock_ = nullptr;
    return status;
  }

 private:
  static std::string take_message(vfslock_error *err) {
    std::string message = err ? vfslock_error_message(err) : "";
    vfslock_error_free(err);
    return message;
  }

  std::string uri_;
  vfslock_options *options_ = nullptr;
  vfslock_lock *lock_ = nullptr;
};

}  // namespace

std::unique_ptr<Lockable> real_lock(const LockKind &kind) { return std::make_unique<RealLock>(kind); }

}  // namespace contention
