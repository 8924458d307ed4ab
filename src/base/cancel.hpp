#pragma once
// A flag that another thread or a signal handler may raise, and that a sleeping thread notices at once.
#include <atomic>
#include <cstdint>

#include <sys/types.h>

namespace vfslock::impl {

class Cancel {
 public:
  Cancel() noexcept;  // never fails: without a descriptor waits notice the flag a little later
  ~Cancel();
  Cancel(const Cancel &) = delete;
  Cancel &operator=(const Cancel &) = delete;

  void trigger() noexcept;  // async-signal-safe, any thread, any number of times
  bool is_triggered() const noexcept { return raised_.load(std::memory_order_acquire); }
  // Readable once triggered; -1 where none could be had, and in a forked child, who has its parent's.
  int descriptor() const noexcept;

 private:
  bool ours(int end) const noexcept;

  std::atomic<bool> raised_{false};
  const std::uint64_t generation_;
  int ends_[2] = {-1, -1};  // of a pipe
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace vfslock::impl
