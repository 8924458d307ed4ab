#include <set>

#include "unit/lock/world.hpp"

using namespace vfslock::impl;
using Operation = World::Operation;
using Kind = MemoryFault::Kind;

TEST_CASE("R6: a create that landed without an answer is found and held, counted from its send") {
  World world;
  world.once(Operation::put, true, Kind::unknown, [&] { world.clock.advance(5s); });
  auto lock = world.must_acquire(30s);
  CHECK(lock->is_held());
  CHECK(lock->remaining() == 22500ms - 5s);
  CHECK(world.record().lock_id == lock->record()->lock_id);
}

TEST_CASE("R6: a refusal may be the echo of an own copy: never held by oneself (F02)") {
  World world;
  // The connection died after the first copy landed; the HTTP library sent a second one, which was refused.
  auto first = std::make_shared<bool>(true);
  world.store->inject({[&, first](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put || !*first) return {};
                         *first = false;
                         world.store->plant(world.key, request.write->bytes(1));
                         return {};
                       },
                       nullptr});
  auto lock = world.try_acquire();
  REQUIRE(lock);
  CHECK((*lock)->is_held());
}

TEST_CASE("R6: a refusal that cannot be read back is as open as no answer: the own copy is found") {
  MemoryOptions kind = network();
  kind.tells_refused = false;
  World world(kind);
  int puts = 0, reads = 0;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation == Operation::put && ++puts == 1)
                           world.store->plant(world.key, request.write->bytes(1));
                         const bool first_read = request.operation == Operation::get && ++reads == 1;
                         return first_read ? MemoryFault{Kind::error, {Status::UNAVAILABLE, "down"}} : MemoryFault{};
                       },
                       nullptr});
  auto lock = world.must_acquire(0s);  // without a lease what is left there would stay for ever
  CHECK(lock->is_held());
  CHECK(reads >= 2);
}

TEST_CASE("a read that is denied is told at once, not tried until the time is over") {
  MemoryOptions kind = network();
  kind.tells_refused = false;
  World world(kind);
  world.plant(world.others());
  int reads = 0;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::get) return {};
                         ++reads;
                         return {Kind::error, {Status::PERMISSION_DENIED, "no reading here"}};
                       },
                       nullptr});
  CHECK(status_of(world.try_acquire()) == Status::PERMISSION_DENIED);
  CHECK(reads <= 2);  // the one, and one after the poison (R7)
  world.store->inject({});
  CHECK_FALSE(world.record().released);  // another's record stands as it was
}

TEST_CASE("a release that may not remove, or cannot, leaves a released record") {
  for (const Status why : {Status::PERMISSION_DENIED, Status::UNSUPPORTED}) {
    CAPTURE(why);
    World world;
    auto lock = world.must_acquire(30s);
    world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                           if (request.operation != Operation::remove) return {};
                           return {Kind::error, {why, "no removal here"}};
                         },
                         nullptr});
    CHECK(lock->release(world.call()));
    CHECK(world.record().released);
    CHECK(world.must_acquire(30s)->is_held());
  }
}

TEST_CASE("F20: no request is sent again before the pause that the storage asked for") {
  World world;
  BootTime first{};
  int puts = 0;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put || puts++ > 0) return {};
                         first = world.clock.now();
                         MemoryFault fault{Kind::unknown, {Status::UNAVAILABLE, "throttled"}};
                         fault.cause.retry_after = 2s;
                         return fault;
                       },
                       nullptr});
  auto lock = world.must_acquire(30s);
  CHECK(puts == 2);
  CHECK(world.clock.now() - first >= 2s);
}

TEST_CASE("R6: a create that may still land is sent again with the same bytes") {
  World world;
  std::set<std::string> sent;
  int puts = 0;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put) return {};
                         sent.insert(request.write->bytes(puts));
                         return ++puts < 3 ? MemoryFault{Kind::unknown, {Status::UNAVAILABLE, "x"}} : MemoryFault{};
                       },
                       nullptr});
  const BootTime before = world.clock.now();
  auto lock = world.must_acquire(30s);
  CHECK(puts == 3);
  CHECK(sent.size() == 1);
  CHECK(lock->remaining() == 22500ms - (world.clock.now() - before));  // from the first send
}

TEST_CASE("R6: a renewal that landed without an answer is adopted, and extends only from its own send (F04)") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.advance(10s);
  const BootTime sent = world.clock.now();
  world.once(Operation::put, true, Kind::unknown, [&] { world.clock.advance(2s); });
  auto left = lock->renew({}, world.call());
  REQUIRE(left);
  CHECK(lock->belief().deadline() == sent + 22500ms);
}

TEST_CASE("R6: a timed-out renewal that lands between later attempts extends from its own send, not from theirs (r2)") {
  World world;
  auto lock = world.must_acquire(30s);
  const BootTime granted = world.clock.now();
  world.clock.advance(9s);
  const BootTime ghost_sent = world.clock.now();
  std::string ghost;
  auto get_fails = std::make_shared<bool>(true);
  world.store->inject({[&, get_fails](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation == Operation::put) ghost = request.write->bytes({});
                         return *get_fails ? MemoryFault{Kind::unknown, {Status::UNAVAILABLE, "x"}} : MemoryFault{};
                       },
                       nullptr});
  CHECK(status_of(lock->renew({}, world.call())) == Status::UNAVAILABLE);
  CHECK(lock->belief().deadline() == granted + 22500ms);

  world.store->inject({});
  world.clock.advance(8s);
  world.store->plant(world.key, ghost);  // it lands now, eight seconds after its sender gave up
  // The next attempt is refused, reads back its own ghost, adopts it, and must not count it from now.
  auto refused_then_down = std::make_shared<int>(0);
  world.store->inject({[=](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation == Operation::put && ++*refused_then_down > 1)
                           return {Kind::error, {Status::UNAVAILABLE, "down"}};
                         return {};
                       },
                       nullptr});
  CHECK(status_of(lock->renew({}, world.call())) == Status::UNAVAILABLE);
  CHECK(lock->belief().deadline() == ghost_sent + 22500ms);
  world.store->inject({});
  REQUIRE(lock->renew({}, world.call()));  // and the chain goes on from the adopted version
}

TEST_CASE("R6: my lockId with a writeId that I never issued is a clone of me: lost (x5)") {
  World world;
  auto lock = world.must_acquire(30s);
  Record clone = world.record();
  clone.write_id = std::string(32, 'd');
  world.plant(clone);
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
  CHECK(lock->loss() == Loss::replaced);
}

TEST_CASE("R6: absent is lost once a version of mine was seen (F27)") {
  World world;
  auto lock = world.must_acquire(30s);
  world.store->wipe(world.key);
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
  CHECK(lock->loss() == Loss::removed);
  CHECK_FALSE(world.look());
}

TEST_CASE("R6: a refusal with the expected version still there is sent again, not believed") {
  World world;
  auto lock = world.must_acquire(30s);
  world.once(Operation::put, false, Kind::unknown);
  CHECK(lock->renew({}, world.call()));
  CHECK(lock->is_held());
}

TEST_CASE("R6: a release whose answer was lost is done when nothing is there, and when a successor is") {
  World world;
  auto lock = world.must_acquire(30s);
  world.once(Operation::remove, true, Kind::unknown);
  CHECK(lock->release(world.call()));

  World taken;
  auto released = taken.must_acquire(30s);
  taken.once(Operation::remove, true, Kind::unknown, [&] { taken.plant(taken.others()); });
  CHECK(released->release(taken.call()));  // while the lease ran only a release can have let the other in
  CHECK(taken.record().lock_id == taken.others().lock_id);
}

TEST_CASE("R6: a release that a late renewal of mine overtook is repeated on that version (d1)") {
  for (const MemoryOptions &kind : {network(), network_without_remove()}) {
    World world(kind);
    auto lock = world.must_acquire(30s);
    std::string ghost;
    world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                           if (request.operation == Operation::put) ghost = request.write->bytes({});
                           return {Kind::unknown, {Status::UNAVAILABLE, "x"}};
                         },
                         nullptr});
    CHECK_FALSE(lock->renew({}, world.call()));
    world.store->inject({});
    world.store->plant(world.key, ghost);
    CHECK(lock->release(world.call()));
    if (kind.conditional_remove) CHECK_FALSE(world.look());
    else CHECK(world.record().released);
  }
}

TEST_CASE("R6: an unresolved release says so, and may be repeated") {
  World world;
  auto lock = world.must_acquire(30s);
  world.store->inject({[](const MemoryRequest &) -> MemoryFault { return {Kind::unknown, {Status::UNAVAILABLE, "x"}}; }, nullptr});
  CHECK(status_of(lock->release(world.call())) == Status::UNKNOWN_OUTCOME);
  CHECK_FALSE(lock->is_held());
  world.store->inject({});
  CHECK(lock->release(world.call()));
  CHECK(status_of(lock->release(world.call())) == Status::NOT_HELD);
  CHECK_FALSE(world.look());
}

TEST_CASE("R6: a foreign record in my place is never removed by my release") {
  World world;
  auto lock = world.must_acquire(30s);
  world.plant(world.others());
  CHECK(status_of(lock->release(world.call())) == Status::LOST);
  CHECK(world.record().lock_id == world.others().lock_id);
}

TEST_CASE("R7: a create given up is poisoned: its ghost cannot land, and the next holder clears the way") {
  World world;
  std::string ghost;
  bool poisoned = false;
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put) return {};
                         if (*request.step == Step::end) {
                           poisoned = true;
                           return {};
                         }
                         ghost = request.write->bytes(1);
                         return {Kind::unknown, {Status::UNAVAILABLE, "x"}};
                       },
                       nullptr});
  CHECK(status_of(world.try_acquire(30s)) == Status::UNAVAILABLE);
  CHECK(poisoned);
  CHECK(world.record().released);
  world.store->inject({});
  TenurePtr nobody;
  auto late = world.store->put(world.key, {1, "x", [&](std::optional<std::int64_t>) { return ghost; }}, IfAbsent{},
                               Step::begin, nobody, world.call());
  REQUIRE(late);
  CHECK(std::holds_alternative<Refused>(*late));
  auto next = world.must_acquire(30s);
  REQUIRE(next->release(world.call()));
  CHECK_FALSE(world.look());
}

TEST_CASE("R7: a replace given up is poisoned on the same version, and keeps the token") {
  World world;
  Record dead = world.others(1s);
  dead.keep = true;
  dead.token = 41;
  world.plant(dead);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(2s);
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put || *request.step == Step::end) return {};
                         return {Kind::unknown, {Status::UNAVAILABLE, "x"}};
                       },
                       nullptr});
  CHECK_FALSE(world.try_acquire(30s));
  CHECK(world.record().released);
  CHECK(world.record().token == 41);
  world.store->inject({});
  CHECK(world.must_acquire()->record()->token == 42);
}

TEST_CASE("R7: a cancelled acquisition leaves nothing held") {
  World world;
  Cancel cancel;
  auto once = std::make_shared<bool>(true);
  world.store->inject({nullptr, [&, once](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put || !*once) return {};
                         *once = false;
                         cancel.trigger();
                         return {Kind::unknown, {Status::CANCELLED, "cancelled"}};
                       }});
  Handlers yes;
  auto lock = acquire(world.target(), world.options(), yes, {60s, &cancel});
  CHECK(status_of(lock) == Status::CANCELLED);
  CHECK(world.must_acquire()->is_held());
}

TEST_CASE("R7: where a kernel proves life, giving up poisons too") {
  World world(MemoryOptions{});
  world.store->inject({[&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != Operation::put || *request.step == Step::end) return {};
                         return {Kind::unknown, {Status::UNAVAILABLE, "x"}};
                       },
                       nullptr});
  CHECK_FALSE(world.try_acquire(30s));
  CHECK(world.record().released);
}
