#pragma once
// Threads of the library: they block all signals, have stacks of at least 512 KiB, and are never joined: who needs
// one to end tells it so and waits for what it did, not for the thread.
#include <memory>

namespace vfslock::impl {

class Runnable {
 public:
  virtual ~Runnable() = default;
  virtual void run_thread() noexcept = 0;
};

// `name` is a constant of at most 15 characters. False when the system gives no thread now.
bool start_thread(const char *name, std::shared_ptr<Runnable> what) noexcept;

}  // namespace vfslock::impl
