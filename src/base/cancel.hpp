#pragma once
// A flag that another thread or a signal handler may raise, and that a sleeping thread notices at once.
#include <atomic>
#include <cstdint>

#include "base/file.hpp"

namespace vfslock::impl {

class Cancel {
 public:
  Cancel() noexcept;
  ~Cancel();
  Cancel(const Cancel &) = delete;
  Cancel &operator=(const Cancel &) = delete;

  void trigger() noexcept;  // async-signal-safe, any thread, any number of times
  bool is_triggered() const noexcept { return raised_.load(std::memory_order_seq_cst); }
  // Readable once triggered; made by the first call, as most cancels are never waited for. -1 where none could be had
  // (waits then notice the flag a little later), and in a forked child, who has its parent's.
  int descriptor() const noexcept;

 private:
  struct Pipe {
    int ends[2];
    FileId id;
  };
  static void signal(const Pipe &pipe) noexcept;

  std::atomic<bool> raised_{false};
  const std::uint64_t generation_;
  mutable std::atomic<const Pipe *> pipe_{nullptr};
};

}  // namespace vfslock::impl
