#pragma once
// What fork(2) means for the library: a child has copies of the parent's handles, but is not their owner.
#include <cstdint>
#include <memory>

namespace vfslock::impl {

// Grows by one in each forked child. Whoever keeps something that only its own process may use
// (a proof of life, a thread) remembers the number and compares.
std::uint64_t fork_generation() noexcept;

// Hooks around fork, each called once for each fork, in the order of pthread_atfork(3): prepare in reverse
// order of registration, then parent or child in order. For mutexes that a child must find free and
// descriptors that it must close. Hooks must not allocate, and child hooks may only close and re-initialise.
void on_fork(void (*prepare)() noexcept, void (*parent)() noexcept, void (*child)() noexcept);

// Keeps for ever, without touching it, what belongs to this child's parent.
void abandon(std::shared_ptr<void> what) noexcept;

}  // namespace vfslock::impl
