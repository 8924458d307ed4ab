#pragma once
// Short words for tests of the local storage: a folder, a lock in it, and what is done to it.
#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "storage/local/local.hpp"
#include "support/folder.hpp"
#include "support/record_locks.hpp"

namespace vfslock::impl::test {

inline Location path_of(const std::string &path) { return Location{"file", "", path, path}; }

inline Place open_at(const std::string &path, const LocalSettings &settings = {}) {
  auto place = open_local(path_of(path), "{name}.lock", settings);
  if (!place) throw std::runtime_error(place.error().message);
  return std::move(*place);
}

// Generous: a busy machine must not make a test fail.
inline Call soon() { return {boot_now() + std::chrono::seconds(60), nullptr}; }
inline Call within(Duration time) { return {boot_now() + time, nullptr}; }

inline Write text(std::string bytes) {
  return Write{1, std::string(32, '0'), [bytes = std::move(bytes)](std::optional<std::int64_t>) { return bytes; }};
}

struct Held {
  Version version;
  TenurePtr tenure;
};

inline bool landed(const Result<Put> &put) { return put && std::holds_alternative<Landed>(*put); }
inline bool refused(const Result<Put> &put) { return put && std::holds_alternative<Refused>(*put); }
inline bool refused(const Result<Removal> &removal) { return removal && std::holds_alternative<Refused>(*removal); }
inline bool done(const Result<Removal> &removal) { return removal && std::holds_alternative<Done>(*removal); }
template <class T>
Status status(const Result<T> &result) {
  return result ? Status::OK : result.error().status;
}

// Opens the folder's lock anew for each call where it matters: as another process would have it.
class Site {
 public:
  explicit Site(const std::string &base, const LocalSettings &settings = {}, const std::string &name = "data")
      : folder(base), place(open_at(folder.at(name), settings)) {}

  Folder folder;
  Place place;

  std::string path() const { return folder.at(place.key); }

  Result<Put> put(Held &held, const std::string &bytes, const Condition &condition, Step step, const Call &call = soon()) {
    auto put = place.store->put(place.key, text(bytes), condition, step, held.tenure, call);
    if (landed(put)) held.version = std::get<Landed>(*put).version;
    return put;
  }
  Result<Put> create(Held &held, const std::string &bytes, const Call &call = soon()) {
    return put(held, bytes, IfAbsent{}, Step::begin, call);
  }
  Result<Put> keep(Held &held, const std::string &bytes, const Call &call = soon()) {
    return put(held, bytes, held.version, Step::keep, call);
  }
  Result<Put> end(Held &held, const std::string &bytes, const Call &call = soon()) {
    return put(held, bytes, held.version, Step::end, call);
  }
  Result<Removal> remove(Held &held, const Call &call = soon()) {
    return place.store->remove(place.key, held.version, held.tenure, call);
  }
  Look look(Reading reading = Reading::hint) {
    auto look = place.store->get(place.key, reading, soon());
    if (!look) throw std::runtime_error(look.error().message);
    return std::move(*look);
  }

  // What a contender of the protocol does: takes it if it is free or nobody lives there.
  Result<Put> acquire(Held &held, const std::string &bytes) {
    for (;;) {
      auto there = place.store->get(place.key, Reading::hint, soon());
      if (!there) return there.error();
      if (*there && (*there)->life == Life::alive) return Put{Refused{std::move(*there)}};
      auto put = *there ? this->put(held, bytes, (*there)->version, Step::begin) : create(held, bytes);
      if (!refused(put)) return put;
    }
  }
};

// A record as others write it, or what else may stand there.
inline void plant(const std::string &path, const std::string &bytes, mode_t mode = 0600) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("cannot write " + path);
  ::close(fd);
}

inline std::string content(const std::string &path) {
  std::string out;
  char buffer[4096];
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  for (ssize_t got; fd >= 0 && (got = ::read(fd, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(got));
  if (fd >= 0) ::close(fd);
  return out;
}

inline struct stat stat_of(const std::string &path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) < 0) throw std::runtime_error("cannot look at " + path);
  return st;
}
inline bool exists(const std::string &path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0;
}

// Descriptors of this process, to see that none is left behind.
inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

// Holds a byte of a record as a process would that was stopped in the middle.
class Blocker {
 public:
  Blocker(const std::string &path, off_t byte) : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_start = byte;
    lock.l_len = 1;
    if (fd_ < 0 || ::fcntl(fd_, F_OFD_SETLK, &lock) < 0) throw std::runtime_error("cannot lock " + path);
  }
  ~Blocker() { ::close(fd_); }
  Blocker(const Blocker &) = delete;
  Blocker &operator=(const Blocker &) = delete;

 private:
  int fd_;
};

}  // namespace vfslock::impl::test
