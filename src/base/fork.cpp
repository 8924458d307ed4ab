#include "base/fork.hpp"

#include <atomic>
#include <mutex>

#include <pthread.h>

namespace vfslock::impl {
namespace {

std::atomic<std::uint64_t> generation{1};

struct CountForks {
  CountForks() {
    pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_acq_rel); });
  }
};

// Registered at load, before any hook below, so that child hooks already see the new number.
const CountForks count_forks;

}  // namespace

std::uint64_t fork_generation() noexcept { return generation.load(std::memory_order_acquire); }

void on_fork(void (*prepare)() noexcept, void (*parent)() noexcept, void (*child)() noexcept) {
  pthread_atfork(prepare, parent, child);
}

}  // namespace vfslock::impl
