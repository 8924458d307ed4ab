#include <utility>

#include "unit/lock/world.hpp"

using namespace vfslock::impl;
using Operation = World::Operation;

TEST_CASE("R5: belief ends before the release is sent") {
  for (const MemoryOptions &kind : {network(), network_without_remove()}) {
    World world(kind);
    auto lock = world.must_acquire();
    int writes = 0;
    world.watch([&](const MemoryRequest &request) {
      if (request.operation != Operation::put && request.operation != Operation::remove) return;
      ++writes;
      CHECK_FALSE(lock->is_held());
    });
    CHECK(lock->release(world.call()));
    CHECK(writes == 1);
  }
}

TEST_CASE("R10: a renewal sends one write at a time, and the next only after the last one's outcome is read") {
  World world;
  auto lock = world.must_acquire();
  std::vector<Operation> order;
  int puts = 0;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         order.push_back(request.operation);
                         if (request.operation == Operation::put && ++puts == 1)
                           return {MemoryFault::Kind::unknown, {Status::UNAVAILABLE, "x"}};
                         return {};
                       },
                       nullptr});
  REQUIRE(lock->renew({}, world.call()));
  CHECK(order == std::vector<Operation>{Operation::put, Operation::get, Operation::put});
}

TEST_CASE("R11: each request is bounded by a sixth of the lease, at most 10 s, at least 1 s on one machine") {
  Guarantee far, near;
  near.shared_clock = true;
  CHECK(request_time(30s, far) == 5s);
  CHECK(request_time(10min, far) == 10s);
  CHECK(request_time(0s, far) == 10s);
  CHECK(request_time(1s, far) < 170ms);
  CHECK(request_time(1s, near) == 1s);

  World world;
  Duration most{};
  world.watch([&](const MemoryRequest &request) {
    if (request.operation != Operation::guarantee) most = std::max(most, request.call->deadline - world.clock.now());
  });
  auto lock = world.must_acquire(30s);
  CHECK(most == 5s);
  // Also where the whole call may take longer.
  CHECK(lock->renew({}, world.call(60s)));
  CHECK(lock->check(world.call(60s)));
  CHECK(lock->release(world.call(60s)));
  CHECK(most == 5s);
}

TEST_CASE("a renewal in the background that meets an exception is one that failed, and is tried again") {
  World world;
  auto lock = world.must_acquire(30s);
  Care care(*lock, true, world.random);
  world.clock.advance(10s);
  world.watch([&](const MemoryRequest &request) {
    if (request.operation == Operation::put) throw Failure{Error{Status::INTERNAL, "third-party code failed"}};
  });
  const Care::Tended tended = care.tend(*lock, nullptr);
  CHECK(tended.news == Care::News::at_risk);
  REQUIRE(tended.cause);
  CHECK(tended.cause->status == Status::INTERNAL);
  CHECK(care.due(*lock) > world.clock.now());
  CHECK(care.due(*lock) < lock->belief().deadline());
}

TEST_CASE("R11: a renewal is never sent so that it could land after the deadline is over") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.advance(22s);
  world.watch([&](const MemoryRequest &request) {
    if (request.operation == Operation::put) CHECK(request.call->deadline <= lock->belief().deadline());
  });
  CHECK(lock->renew({}, world.call(10s)));
}

TEST_CASE("R13 belongs to the operator: nothing of a holder or a contender removes a record that it did not write") {
  World world;
  auto lock = world.must_acquire(30s);
  world.plant(world.others(0s));
  (void)lock->release(world.call());
  (void)world.try_acquire();
  CHECK(world.record().lock_id == world.others().lock_id);
}

TEST_CASE("R21: renewals come at a third of the lease, minus up to a tenth of that") {
  World world;
  for (int i = 0; i < 50; ++i) {
    auto lock = world.must_acquire(30s);
    Care care(*lock, true, world.random);
    const Duration due = care.due(*lock) - world.clock.now();
    CHECK(due >= 9s);
    CHECK(due <= 10s);
    REQUIRE(lock->release(world.call()));
  }
}

TEST_CASE("R21: polls spread by decorrelated jitter and never sleep beyond a third of the record's lease") {
  World world;
  world.plant(world.others(30s));
  BootTime last = world.clock.now();
  Duration longest{};
  int looks = 0;
  world.watch([&](const MemoryRequest &request) {
    if (request.operation != Operation::get) return;
    ++looks;
    longest = std::max(longest, world.clock.now() - last);
    last = world.clock.now();
  });
  Handlers yes;
  CHECK(acquire(world.target(), world.options(), yes, {60s, nullptr}));
  CHECK(longest <= 10s);
  CHECK(longest > 1s);
  CHECK(looks >= 5);
  CHECK(looks < 60);
}

TEST_CASE("R21: who is told of changes looks seldom by himself, and does not hurry after a renewal") {
  World world(MemoryOptions{});
  auto lock = world.must_acquire(30s);
  BootTime last = world.clock.now(), renewed = never;
  for (int renewal = 1; renewal <= 12; ++renewal)
    world.clock.at(renewal * 10s, [&] {
      CHECK(lock->renew({}, world.call()));
      renewed = world.clock.now();
    });
  Duration longest{};
  int soon = 0, by_himself = 0;
  world.watch([&](const MemoryRequest &request) {
    const BootTime now = world.clock.now();
    if (request.operation != Operation::get || now == last) return;
    const Duration slept = now - std::exchange(last, now);
    longest = std::max(longest, slept);
    if (now == renewed) return;
    ++by_himself;
    soon += slept < 1s;
  });
  Handlers yes;
  CHECK(status_of(acquire(world.target(), world.options(), yes, {120s, nullptr})) == Status::TIMEOUT);
  CHECK(longest <= 10s);
  CHECK(by_himself >= 5);
  CHECK(by_himself <= 25);
  CHECK(soon == 1);  // the first, when nothing is announced yet
}

TEST_CASE("the keeper warns once for each bad spell, tells a loss, and renews again when the storage is back") {
  World world;
  auto lock = world.must_acquire(30s);
  Care care(*lock, true, world.random);
  auto tend = [&] {
    world.clock.sleep(care.due(*lock), nullptr, nullptr);
    return care.tend(*lock, nullptr);
  };
  CHECK(tend().news == Care::News::none);
  for (int spell = 0; spell < 2; ++spell) {
    world.always(Operation::put, false, MemoryFault::Kind::error);
    CHECK(tend().news == Care::News::at_risk);
    CHECK(tend().news == Care::News::none);
    CHECK(lock->is_held());
    world.store->inject({});
    while (lock->remaining() < 22s) REQUIRE(tend().news == Care::News::none);
  }
  world.always(Operation::put, false, MemoryFault::Kind::error);
  const BootTime deadline = lock->belief().deadline();
  CHECK(tend().news == Care::News::at_risk);
  Care::News news = Care::News::none;
  int attempts = 0;
  while ((news = tend().news) == Care::News::none) ++attempts;
  CHECK(news == Care::News::lost);
  CHECK(attempts > 3);
  CHECK(world.clock.now() == deadline);
  CHECK(lock->loss() == Loss::unreachable);
}

TEST_CASE("F20: whatever pause the storage asks for, one more attempt is made before the lease ends") {
  World world;
  auto lock = world.must_acquire(30s);
  Care care(*lock, true, world.random);
  int puts = 0;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put || ++puts > 1) return {};
                         Error slow{Status::UNAVAILABLE, "slow down"};
                         slow.retry_after = 120s;
                         return {MemoryFault::Kind::error, slow};
                       },
                       nullptr});
  world.clock.sleep(care.due(*lock), nullptr, nullptr);
  CHECK(care.tend(*lock, nullptr).news == Care::News::at_risk);
  world.clock.sleep(care.due(*lock), nullptr, nullptr);
  CHECK(care.tend(*lock, nullptr).news == Care::News::none);
  CHECK(puts == 2);
  CHECK(lock->is_held());
}
