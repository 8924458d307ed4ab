#pragma once
// An activity with its own stack. It runs until it yields, so that the core's straight-line code waits without a
// thread, and what runs next is the simulator's decision alone.
#include <functional>

#include <ucontext.h>

namespace vfslock::sim {

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();  // its body must have ended, or never have begun
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;

  void resume();  // from outside: runs it until it yields or ends
  void yield();   // from inside
  bool ended() const { return ended_; }

 private:
  static void enter();
  void switch_in();
  void switch_out(bool for_good);

  std::function<void()> body_;
  char *stack_;
  ucontext_t inside_{}, outside_{};
  bool ended_ = false;
  // Exceptions in flight belong to a stack, but the runtime keeps them for each thread: they change with it.
  struct Exceptions {
    void *caught = nullptr;
    unsigned uncaught = 0;
  } exceptions_;
  void swap_exceptions();
  // What the sanitizers must be told; each needs its own part.
  [[maybe_unused]] void *fake_stack_ = nullptr;
  [[maybe_unused]] const void *outside_bottom_ = nullptr;
  [[maybe_unused]] std::size_t outside_size_ = 0;
  [[maybe_unused]] void *tsan_inside_ = nullptr;
  [[maybe_unused]] void *tsan_outside_ = nullptr;
};

}  // namespace vfslock::sim
