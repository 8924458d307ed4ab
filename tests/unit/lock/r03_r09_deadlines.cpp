#include "unit/lock/world.hpp"

using namespace vfslock::impl;

TEST_CASE("R3: the holder's deadline counts from the send, with a quarter of the lease as margin") {
  World world;
  world.once(World::Operation::put, true, MemoryFault::Kind::none, [&] { world.clock.advance(2s); });  // a slow answer
  auto lock = world.must_acquire(30s);
  CHECK(lock->remaining() == 22500ms - 2s);
  world.clock.advance(20499ms);
  CHECK(lock->is_held());
  world.clock.advance(1ms);
  CHECK_FALSE(lock->is_held());
}

TEST_CASE("R3: where both sides share one clock the whole lease counts") {
  MemoryOptions kind;
  World world(kind);
  auto lock = world.must_acquire(30s);
  CHECK(lock->remaining() == 30s);
}

TEST_CASE("R3: a renewal counts from its own send") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.advance(10s);
  world.once(World::Operation::put, true, MemoryFault::Kind::none, [&] { world.clock.advance(3s); });
  auto left = lock->renew({}, world.call());
  REQUIRE(left);
  CHECK(*left == 22500ms - 3s);
}

TEST_CASE("R8: what was lost stays lost, also when a late renewal lands after the deadline") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.advance(22s);
  world.once(World::Operation::put, true, MemoryFault::Kind::none, [&] { world.clock.advance(1s); });
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
  CHECK_FALSE(lock->is_held());
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
  CHECK(status_of(lock->release(world.call())) == Status::LOST);
  CHECK(status_of(lock->check(world.call())) == Status::LOST);
  CHECK(lock->state() == State::lost);
}

TEST_CASE("R8: released is final") {
  World world;
  auto lock = world.must_acquire();
  REQUIRE(lock->release(world.call()));
  CHECK(status_of(lock->release(world.call())) == Status::NOT_HELD);
  CHECK(status_of(lock->renew({}, world.call())) == Status::NOT_HELD);
  CHECK(lock->state() == State::released);
  CHECK_FALSE(world.look());
}

TEST_CASE("R8: a lost lock is never taken back by its own handle, only by a new acquire with a new id and token") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.advance(31s);
  REQUIRE_FALSE(lock->is_held());
  auto again = world.must_acquire(30s);
  CHECK(again->record()->lock_id != lock->record()->lock_id);
  CHECK(again->record()->token > lock->record()->token);
  CHECK_FALSE(lock->is_held());
}

TEST_CASE("R9: a renewal that shortens the lease lowers the deadline from its send, even unresolved") {
  World world;
  auto lock = world.must_acquire(60s);
  world.always(World::Operation::put, false, MemoryFault::Kind::unknown);
  CHECK(status_of(lock->renew(4s, world.call(1s))) == Status::UNAVAILABLE);
  CHECK(lock->remaining() <= 3s);
}

TEST_CASE("R9: the minimum of old and new counts, so a longer lease moves nothing before it landed") {
  World world;
  auto lock = world.must_acquire(60s);
  const Duration before = lock->remaining();
  world.always(World::Operation::put, false, MemoryFault::Kind::error);
  CHECK(status_of(lock->renew(600s, world.call(1s))) == Status::UNAVAILABLE);
  CHECK(lock->remaining() <= before);
}

TEST_CASE("R14: is_held and remaining ask nobody; check reads; every success says what is left at its return") {
  World world;
  auto lock = world.must_acquire(30s);
  int requests = 0;
  world.watch([&](const MemoryRequest &) { ++requests; });
  CHECK(lock->is_held());
  CHECK(lock->remaining() > 0s);
  CHECK(requests == 0);
  auto left = lock->check(world.call());
  REQUIRE(left);
  CHECK(*left == lock->remaining());
  CHECK(requests == 1);
  world.store->wipe(world.key);
  CHECK(status_of(lock->check(world.call())) == Status::LOST);
  CHECK(lock->loss() == Loss::removed);
}

TEST_CASE("R14: a grant whose answer came after its own lease is given back and reported lost") {
  World world;
  world.once(World::Operation::put, true, MemoryFault::Kind::none, [&] { world.clock.advance(31s); });
  CHECK(status_of(world.try_acquire(30s)) == Status::LOST);
  CHECK_FALSE(world.look());
}

TEST_CASE("R15: a step between the two clocks makes the lock suspect until one renewal succeeds") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.step_wall(3s);  // the bound is lease/10, at least 1 s
  CHECK(lock->is_held());
  world.clock.step_wall(1ms);
  CHECK_FALSE(lock->is_held());
  CHECK(lock->state() == State::suspect);
  CHECK(status_of(lock->check(world.call())) == Status::SUSPECT);  // reading proves nothing about the lost time
  REQUIRE(lock->renew({}, world.call()));
  CHECK(lock->is_held());
}

TEST_CASE("R15: short leases are allowed a step of a second, in both directions") {
  World world;
  auto lock = world.must_acquire(2s);
  world.clock.step_wall(-1s);
  CHECK(lock->is_held());
  world.clock.step_wall(-1ms);
  CHECK(lock->state() == State::suspect);
}

TEST_CASE("R15: a suspect lock whose renewal finds another holder is lost") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.step_wall(1h);
  REQUIRE(lock->state() == State::suspect);
  world.plant(world.others());
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
}
