#include <atomic>

#include "unit/runtime/held.hpp"

using namespace vfslock::impl;

namespace {

// Real time, but for steps of the wall clock.
class SteppedClock final : public Clock {
 public:
  BootTime now() override { return real_.now(); }
  WallTime wall() override { return real_.wall() + Duration(step.load()); }
  Woke sleep(BootTime until, Wakeup *hint, const Cancel *cancel) override { return real_.sleep(until, hint, cancel); }
  std::atomic<std::int64_t> step{0};

 private:
  RealClock real_;
};

struct Stepped : Bench {
  SteppedClock clock;
  std::shared_ptr<Lock> take(bool renewal) {
    Target target = target_of(store, "k");
    target.clock = &clock;
    Handlers yes;
    auto lock = acquire(engine, target, options(1h, renewal), yes, heard, {});
    REQUIRE(lock);
    return *lock;
  }
};

}  // namespace

TEST_CASE("R15: who asks after a clock step hears no, and the renewal that decides comes at once") {
  Stepped bench;
  Ended lock{bench.take(true)};
  CHECK(lock.lock->state() == State::held);
  bench.clock.step = Duration(2h).count();
  CHECK(lock.lock->state() != State::held);
  CHECK(eventually([&] { return lock.lock->state() == State::held; }));  // long before its next renewal was due
  CHECK(lock.lock->record()->seq == 2);
  CHECK(bench.heard.so_far().empty());
}

TEST_CASE("R15: while the deciding renewal fails, asking again does not send another each time") {
  Stepped bench;
  Ended lock{bench.take(true)};
  std::atomic<int> sent{0};
  bench.before(Operation::put, [&](const MemoryRequest &) {
    ++sent;
    return MemoryFault{MemoryFault::Kind::error, {Status::UNAVAILABLE, "away"}};
  });
  bench.clock.step = Duration(2h).count();
  CHECK(lock.lock->state() == State::suspect);
  bench.heard.wait_for(1);
  const int before = sent;
  const BootTime since = bench.clock.now();
  for (int i = 0; i < 100'000; ++i) CHECK(lock.lock->state() == State::suspect);
  CHECK(sent - before <= 2 + (bench.clock.now() - since) / 100ms);  // the first pause between two tries
  bench.store->inject({});
  CHECK(eventually([&] { return lock.lock->state() == State::held; }));
}

TEST_CASE("R15: without renewal in the background the caller's own renewal decides") {
  Stepped bench;
  Ended lock{bench.take(false)};
  bench.clock.step = -Duration(2h).count();
  CHECK(lock.lock->state() == State::suspect);
  CHECK(lock.lock->check({}).error().status == Status::SUSPECT);
  CHECK(lock.lock->state() == State::suspect);
  CHECK(lock.lock->record()->seq == 1);
  CHECK(lock.lock->renew({}, {}));
  CHECK(lock.lock->state() == State::held);
}
