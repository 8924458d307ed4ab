#include <algorithm>
#include <atomic>

#include "unit/runtime/held.hpp"

using namespace vfslock::impl;

TEST_CASE("F35: ten thousand locks are renewed by a few threads, all in time") {
  constexpr int count = 10'000;
  Bench bench;
  Deaf deaf;
  std::atomic<int> renewals{0}, most_at_once{0}, at_once{0};
  std::vector<std::shared_ptr<Lock>> locks;
  for (int i = 0; i < count; ++i) {
    auto lock = bench.try_acquire(bench.options(12s), deaf, "k" + std::to_string(i));
    REQUIRE(lock);
    locks.push_back(std::move(*lock));
  }
  bench.before(Operation::put, [&](const MemoryRequest &) {
    const int now = ++at_once;
    for (int seen = most_at_once; now > seen && !most_at_once.compare_exchange_weak(seen, now);) {
    }
    ++renewals;
    --at_once;
    return MemoryFault{};
  });
  CHECK(eventually([&] { return renewals >= count; }));
  CHECK(most_at_once <= 32);
  std::size_t held = 0;
  Duration least = Duration::max();
  for (const auto &lock : locks) {
    held += lock->state() == State::held ? 1 : 0;
    least = std::min(least, lock->remaining());
  }
  CHECK(held == count);
  CHECK(least > 12s / 3);  // nobody came near its deadline
  for (auto &lock : locks) lock->drop();
}
