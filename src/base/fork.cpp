#include "base/fork.hpp"

#include <atomic>
#include <new>
#include <utility>

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

// As a list that is reachable for ever, so that it is no leak.
void abandon(std::shared_ptr<void> what) noexcept {
  struct Node {
    std::shared_ptr<void> what;
    Node *next;
  };
  static std::atomic<Node *> kept{nullptr};
  Node *node = new (std::nothrow) Node{std::move(what), kept.load()};
  if (!node) return;
  while (!kept.compare_exchange_weak(node->next, node)) {
  }
}

}  // namespace vfslock::impl
