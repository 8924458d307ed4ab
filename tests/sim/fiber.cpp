#include "fiber.hpp"

#include <cstdlib>
#include <cxxabi.h>
#include <new>
#include <utility>
#include <vector>

#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define SIM_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SIM_TSAN 1
#endif
#ifdef SIM_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SIM_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace vfslock::sim {
namespace {

constexpr std::size_t stack_size = 512 * 1024, guard_size = 4096;

// Stacks are used again: mapping one costs more than a short activity.
std::vector<char *> &free_stacks() {
  static auto *all = new std::vector<char *>;
  return *all;
}

char *take_stack() {
  auto &free = free_stacks();
  if (!free.empty()) {
    char *stack = free.back();
    free.pop_back();
    return stack;
  }
  void *at = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED || mprotect(at, guard_size, PROT_NONE) != 0) throw std::bad_alloc();
  return static_cast<char *>(at);
}

Fiber *starting = nullptr;  // makecontext passes no pointer

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = stack_ + guard_size;
  inside_.uc_stack.ss_size = stack_size - guard_size;
  inside_.uc_link = nullptr;
  makecontext(&inside_, &Fiber::enter, 0);
#ifdef SIM_TSAN
  tsan_inside_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#ifdef SIM_TSAN
  __tsan_destroy_fiber(tsan_inside_);
#endif
  free_stacks().push_back(stack_);
}

void Fiber::swap_exceptions() {
  auto *now = reinterpret_cast<Exceptions *>(abi::__cxa_get_globals());
  std::swap(now->caught, exceptions_.caught);
  std::swap(now->uncaught, exceptions_.uncaught);
}

void Fiber::enter() {
  Fiber &self = *std::exchange(starting, nullptr);
  self.switch_in();
  std::exchange(self.body_, {})();  // what it holds ends with it
  self.ended_ = true;
  self.switch_out(true);
  std::abort();  // nobody resumes a fiber that has ended
}

void Fiber::resume() {
  starting = this;  // read by the first resume only
  swap_exceptions();
#ifdef SIM_TSAN
  tsan_outside_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_inside_, 0);
#endif
#ifdef SIM_ASAN
  void *fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_ + guard_size, stack_size - guard_size);
#endif
  swapcontext(&outside_, &inside_);
#ifdef SIM_ASAN
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  swap_exceptions();
}

void Fiber::yield() {
  switch_out(false);
  switch_in();
}

void Fiber::switch_in() {
#ifdef SIM_ASAN
  __sanitizer_finish_switch_fiber(fake_stack_, &outside_bottom_, &outside_size_);
#endif
}

void Fiber::switch_out([[maybe_unused]] bool for_good) {
#ifdef SIM_TSAN
  __tsan_switch_to_fiber(tsan_outside_, 0);
#endif
#ifdef SIM_ASAN
  __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, outside_bottom_, outside_size_);
#endif
  swapcontext(&inside_, &outside_);
}

}  // namespace vfslock::sim
