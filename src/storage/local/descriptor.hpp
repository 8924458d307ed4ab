#pragma once
// Descriptors that a forked child must not keep, and the kernel locks on them.
//
// fork(2) shares the open file description: a child that keeps a copy keeps the lock, and a child that unlocks frees
// its parent's (RELIABILITY §4.3, "fork"). So every descriptor is listed from the instant it exists, also in the
// middle of an operation, and the child's fork hook closes the listed ones and does nothing else to them.
// The list goes by number: a number that comes again was closed by the program behind our back, and whoever had it
// before is left without, or it would unlock and close what is now another's.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/file.hpp"
#include "storage/local/os.hpp"

namespace vfslock::impl::local {

class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { close(); }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;

  // make() returns a close-on-exec descriptor or -1; the answer is 0 or errno. No fork comes between the two.
  template <class Make>
  int open(Make &&make) {
    const NoFork no_fork;
    const int fd = beyond_standard_streams(make());
    return fd < 0 ? errno : enlist(fd);
  }
  int open(int directory, const char *name, int flags, mode_t mode = 0) {
    return open([&] { return os.openat(directory, name, flags, mode); });
  }

  // Out of the low numbers, which programs close or reuse by number. Stays where it is if there is no room.
  void raise() noexcept;

  // In a forked child: nothing, its hook has closed the descriptor and the number may be another's.
  void close() noexcept;

  // For a number that is no longer ours: never closed.
  void forget() noexcept;

  bool is_open() const noexcept { return fd() >= 0; }
  int fd() const noexcept { return fd_.load(std::memory_order_relaxed); }
  bool forked() const noexcept;

 private:
  struct NoFork {
    NoFork() noexcept;
    ~NoFork();
  };
  struct List;
  static List &list_;
  int enlist(int fd) noexcept;
  bool delist() noexcept;

  std::atomic<int> fd_{-1};  // another descriptor's opening may find that the number is not ours any more
  std::uint64_t generation_ = 0;
};

// Programs that close "all" descriptors by number rarely go this far, and select(2) can still name it.
constexpr int high_descriptor = 512;

// byte 0 = proof of life for the tenure, byte 1 = guard of each transition (RELIABILITY §4.3).
enum class Range { life, guard, both };

// A record's file with the locks taken through this description.
class LockFile {
 public:
  ~LockFile() { close(); }

  int open(int directory, const char *name, int flags, mode_t mode = 0) {
    return descriptor_.open(directory, name, flags, mode);
  }

  // fstat, and remembers which file this is: 0 or errno.
  int identify(struct stat &st) noexcept;

  // Whether the number still stands for that file: 0, EBADF if not, another errno if that could not be asked. A program
  // that closes all descriptors ends our proof of life, and the number may already be another file's.
  int verify() const noexcept;

  // 0, EAGAIN for a conflict, or another errno. F_RDLCK (for the guard of a reader) or F_WRLCK.
  int lock(Range range, short type = F_WRLCK) noexcept;
  void unlock(Range range) noexcept;
  bool holds(Range range) const noexcept;

  // Whether another description holds the byte: 0 or errno. Says free about locks of this one.
  int ask(Range range, bool &locked) const noexcept;

  void raise() noexcept { descriptor_.raise(); }
  void close() noexcept;  // unlocks explicitly: a close alone leaves the locks to a child's copy
  void forget() noexcept;

  bool is_open() const noexcept { return descriptor_.is_open(); }
  bool forked() const noexcept { return descriptor_.forked(); }
  int fd() const noexcept { return descriptor_.fd(); }
  const FileId &id() const noexcept { return id_; }
  bool is_identified() const noexcept { return id_ != FileId{}; }

 private:
  Descriptor descriptor_;
  FileId id_;
  bool life_ = false;
  bool guard_ = false;
};

}  // namespace vfslock::impl::local
