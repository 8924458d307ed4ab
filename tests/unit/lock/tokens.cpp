#include "unit/lock/world.hpp"

using namespace vfslock::impl;

TEST_CASE("keep mode: each grant is exactly one more, and keep belongs to the record") {
  World world;
  Options keep = world.options();
  keep.keep = true;
  std::int64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    auto lock = i % 2 ? world.must_acquire() : world.must_acquire(keep);  // an ordinary holder keeps it too
    if (last) CHECK(lock->record()->token == last + 1);
    last = lock->record()->token;
    CHECK(lock->record()->keep);
    REQUIRE(lock->release(world.call()));
    REQUIRE(world.look());
    CHECK(world.record().released);
    CHECK(world.record().token == last);
    world.clock.advance(1h);
  }
}

TEST_CASE("a store that cannot remove on a condition: each grant is exactly one more") {
  World world(network_without_remove());
  auto first = world.must_acquire();
  const std::int64_t token = first->record()->token;
  REQUIRE(first->release(world.call()));
  CHECK_FALSE(world.record().keep);
  world.clock.advance(1h);
  CHECK(world.must_acquire()->record()->token == token + 1);
}

TEST_CASE("where the record goes with the release, every grant is at least the store's time in microseconds (a5)") {
  World world;
  auto first = world.must_acquire();
  const auto floor = [&] { return world.clock.wall().time_since_epoch() / 1us; };
  CHECK(first->record()->token >= floor());
  REQUIRE(first->release(world.call()));
  world.clock.advance(5s);
  CHECK(world.must_acquire()->record()->token >= floor());
  // A record with an old token, left by a request that landed late: the floor counts at its replacement too.
  Record orphan = world.others(1s);
  orphan.token = 3;
  world.plant(orphan);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(2s);
  CHECK(world.must_acquire()->record()->token >= floor());
}

TEST_CASE("a store's time that stands still or steps back never makes a token smaller than the one that was read") {
  World world;
  Record record = world.others(1s);
  record.token = std::int64_t{1} << 61;
  world.plant(record);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(2s);
  CHECK(world.must_acquire()->record()->token == record.token + 1);
}

TEST_CASE("renewals keep the token") {
  World world;
  auto lock = world.must_acquire();
  const std::int64_t token = lock->record()->token;
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(5s);
    REQUIRE(lock->renew({}, world.call()));
    CHECK(world.record().token == token);
  }
}
