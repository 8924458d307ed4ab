#include "unit/lock/world.hpp"

using namespace vfslock::impl;

namespace {

// What one look says to a contender of this world's process.
Judgement seen(World &world, const Guarantee &guarantee) {
  auto look = world.store->get(world.key, Reading::hint, world.call());
  return judge(*look, {world.clock.now(), world.clock.wall()}, guarantee, "k", world.observations);
}

}  // namespace

TEST_CASE("R4: the lease is counted from receipt of the first read") {
  World world;
  const Guarantee guarantee = *world.store->guarantee(world.call());
  world.plant(world.others(30s));
  world.once(World::Operation::get, true, MemoryFault::Kind::none, [&] { world.clock.advance(20s); });  // a slow read
  CHECK(seen(world, guarantee).standing == Standing::held);
  world.clock.advance(29999ms);
  CHECK(seen(world, guarantee).standing == Standing::held);
  world.clock.advance(1ms);
  const Judgement judgement = seen(world, guarantee);
  CHECK(judgement.standing == Standing::stale);
  CHECK(judgement.evidence == Evidence::unchanged);
  CHECK(judgement.unchanged == 30s);
}

TEST_CASE("R4: a try that reads late does not steal early (F05)") {
  World world;
  world.plant(world.others(30s));
  world.once(World::Operation::get, true, MemoryFault::Kind::none, [&] { world.clock.advance(27s); });
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(29s);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(1s);
  CHECK(world.must_acquire()->is_held());
}

TEST_CASE("R4: the lease of the record counts, not the contender's own") {
  World world;
  world.plant(world.others(60s));
  CHECK(status_of(world.try_acquire(2s)) == Status::HELD);
  world.clock.advance(59s);
  CHECK(status_of(world.try_acquire(2s)) == Status::HELD);
  world.clock.advance(1s);
  CHECK(world.try_acquire(2s));
}

TEST_CASE("R4: each new version starts anew") {
  World world;
  world.plant(world.others(30s));
  for (int i = 0; i < 5; ++i) {
    CHECK(status_of(world.try_acquire()) == Status::HELD);
    world.clock.advance(29s);
    Record renewed = world.record();
    renewed.write_id = nonce(world.random);
    world.plant(renewed);
  }
}

TEST_CASE("R4: the process's own writes are observations, so its expired lock is taken at the first try") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.advance(30s);
  CHECK(world.try_acquire(30s));
}

TEST_CASE("R4: nothing there ends an observation") {
  World world;
  const Record record = world.others(30s);
  world.plant(record);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(29s);
  world.store->wipe(world.key);
  Observations &seen = world.observations;
  judge(std::nullopt, {world.clock.now(), world.clock.wall()}, {}, world.target().identity(), seen);
  CHECK(seen.first_seen(world.target().identity(), {"v"}, world.clock.now()) == world.clock.now());
}

TEST_CASE("R4: a waiter takes a silent holder's lock when its lease has passed, and not before") {
  World world;
  world.plant(world.others(30s));
  const BootTime start = world.clock.now();
  Handlers yes;
  auto lock = acquire(world.target(), world.options(), yes, {60s, nullptr});
  REQUIRE(lock);
  CHECK(world.clock.now() - start >= 30s);
  CHECK(world.clock.now() - start < 31s);
}

TEST_CASE("R19: on networks a lease below one second is counted as one, and never lowered") {
  World world;
  world.plant(world.others(100ms));
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(999ms);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(1ms);
  CHECK(world.try_acquire());
}

TEST_CASE("R19: a TTL out of bounds is refused before anything is written") {
  World world;
  int writes = 0;
  world.watch([&](const MemoryRequest &request) { writes += request.operation == World::Operation::put; });
  CHECK(status_of(world.try_acquire(25h)) == Status::INVALID_ARGUMENT);
  CHECK(status_of(world.try_acquire(500ms)) == Status::INVALID_ARGUMENT);  // the keeper needs a second
  CHECK(writes == 0);
  Options plain = world.options(500ms);
  plain.renewal = false;
  CHECK(world.try_acquire(plain));
}

TEST_CASE("TTL 0 is never stale by time") {
  World world;
  world.plant(world.others(0s));
  for (int i = 0; i < 3; ++i) {
    CHECK(status_of(world.try_acquire()) == Status::HELD);
    world.clock.advance(1000h);
  }
}

TEST_CASE("the store's own clock tells a lease that ended more than a grace ago, at the first look") {
  MemoryOptions kind = network();
  kind.dates = true;
  World world(kind);
  world.plant(world.others(30s));
  world.clock.advance(62s);  // lease + 2 s of resolution + 30 s of grace
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  World older(kind);
  older.plant(older.others(30s));
  older.clock.advance(62s + 1ms);
  CHECK(older.try_acquire());
}
