#pragma once
// What fork(2) means for the library: a child has copies of the parent's handles, but is not their owner.
#include <cstdint>
#include <memory>
#include <mutex>

namespace vfslock::impl {

// Grows by one in each forked child. Whoever keeps something that only its own process may use
// (a proof of life, a thread) remembers the number and compares.
std::uint64_t fork_generation() noexcept;

// Hooks around fork, each called once for each fork, in the order of pthread_atfork(3): prepare in reverse
// order of registration, then parent or child in order. For mutexes that a child must find free and
// descriptors that it must close. Hooks must not allocate, and child hooks may only close and re-initialise.
void on_fork(void (*prepare)() noexcept, void (*parent)() noexcept, void (*child)() noexcept);

// One mutex for each Tag, for short sections; a forked child finds it free. Never destroyed: what is guarded may be freed
// while static objects are destroyed. Touch it once at load, while there is one thread.
template <class Tag>
std::mutex &fork_safe_mutex() {
  static auto *one = [] {
    on_fork([]() noexcept { fork_safe_mutex<Tag>().lock(); }, []() noexcept { fork_safe_mutex<Tag>().unlock(); },
            []() noexcept { fork_safe_mutex<Tag>().unlock(); });
    return new std::mutex;
  }();
  return *one;
}

// Keeps for ever, without touching it, what belongs to this child's parent.
void abandon(std::shared_ptr<void> what) noexcept;

}  // namespace vfslock::impl
