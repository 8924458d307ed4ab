#pragma once
// In which handlers a thread is: what may be called there depends on it (VFSLOCK_REENTRANT).
namespace vfslock::impl {

class Lock;

// Stands while a handler runs on this thread. `lock` is null for the handlers that decide about an acquisition.
class HandlerFrame {
 public:
  explicit HandlerFrame(const Lock *lock) noexcept;
  ~HandlerFrame();
  HandlerFrame(const HandlerFrame &) = delete;
  HandlerFrame &operator=(const HandlerFrame &) = delete;

  static bool deciding() noexcept;                   // inside a stale or waiting handler
  static bool inside(const Lock *lock) noexcept;  // inside a handler of this lock

 private:
  const Lock *lock_;
  const HandlerFrame *outer_;
};

}  // namespace vfslock::impl
