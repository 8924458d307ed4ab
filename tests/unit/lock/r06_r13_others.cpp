// What is done to a tenure by somebody who did not acquire it: resume (R6), break (R13).
#include "unit/lock/world.hpp"

using namespace vfslock::impl;
using Operation = World::Operation;
using Kind = MemoryFault::Kind;

namespace {

Options detached(World &world, Duration lease = 30s) {
  Options options = world.options(lease);
  options.detached = true;
  options.renewal = false;
  return options;
}

// The id of a detached tenure that nobody has a handle of.
std::string left_behind(World &world, Duration lease = 30s) {
  return world.must_acquire(detached(world, lease))->record()->lock_id;
}

Result<std::unique_ptr<Holder>> resume(World &world, const std::string &id, std::optional<Duration> lease = {}) {
  return resume(world.target(), {id, lease, false}, world.call());
}

}  // namespace

TEST_CASE("resume: a renewal without an answer is resolved, and counts from its send") {
  for (const bool applied : {true, false}) {
    CAPTURE(applied);
    World world;
    const std::string id = left_behind(world);
    world.clock.advance(10s);
    world.once(Operation::put, applied, Kind::unknown, [&] { world.clock.advance(2s); });
    auto lock = resume(world, id);
    REQUIRE(lock);
    CHECK((*lock)->is_held());
    CHECK((*lock)->remaining() <= 22500ms - 2s);  // resent, it is the same write: from its first send
    CHECK(world.record().write_id == (*lock)->record()->write_id);
  }
}

TEST_CASE("resume: nothing is believed, and nothing called lost, without an own renewal") {
  World world;
  const std::string id = left_behind(world);
  const Version before = world.look()->version;
  world.always(Operation::put, false, Kind::error);
  auto lock = resume(world, id);
  CHECK(status_of(lock) == Status::UNAVAILABLE);
  world.store->inject({});
  CHECK(world.look()->version == before);
  CHECK(resume(world, id));
}

TEST_CASE("a renewal that fails while the clock is suspect leaves the lock suspect: it is not lost") {
  World world;
  auto lock = world.must_acquire(30s);
  world.clock.step_wall(1h);
  REQUIRE(lock->state() == State::suspect);
  world.always(Operation::put, false, Kind::error);
  CHECK(status_of(lock->renew({}, world.call())) == Status::UNAVAILABLE);
  CHECK(lock->state() == State::suspect);
  world.store->inject({});
  CHECK(lock->renew({}, world.call()));
  CHECK(lock->is_held());
}

TEST_CASE("two resumers: the other's version is adopted, its time never") {
  World world;
  const std::string id = left_behind(world);
  auto first = resume(world, id), second = resume(world, id);
  REQUIRE(first);
  REQUIRE(second);
  world.clock.advance(20s);
  REQUIRE((*second)->renew({}, world.call()));
  CHECK((*first)->check(world.call()));
  CHECK((*first)->remaining() == 2500ms);  // of its own renewal
  REQUIRE((*first)->renew({}, world.call()));
  CHECK((*first)->remaining() == 22500ms);
  CHECK((*second)->release(world.call()));
  CHECK_FALSE(world.look());
  CHECK(status_of((*first)->renew({}, world.call())) == Status::LOST);
}

TEST_CASE("a tenure that is not detached has one holder: a clone of it is lost, and resumes nothing") {
  World world;
  auto lock = world.must_acquire(30s);
  CHECK(status_of(resume(world, lock->record()->lock_id)) == Status::INVALID_ARGUMENT);
  Record clone = *lock->record();
  clone.write_id = nonce(world.random);
  ++clone.seq;
  world.plant(clone);
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
}

TEST_CASE("a detached tenure is taken when its lease is over, and then not resumed") {
  World world;
  const std::string id = left_behind(world);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(31s);
  auto next = world.must_acquire(30s);
  CHECK(status_of(resume(world, id)) == Status::LOST);
  CHECK(next->check(world.call()));
}

TEST_CASE("R13: a break without an answer is resolved; one that comes too late touches nothing") {
  World world;
  auto lock = world.must_acquire(30s);
  SUBCASE("its answer is lost") {
    world.once(Operation::put, true, Kind::unknown);
    CHECK(break_lock(world.target(), lock->record()->lock_id, world.call()));
    CHECK(world.record().released);
  }
  SUBCASE("the holder renews between the look and the break") {
    world.once(Operation::put, false, Kind::none, [&] {
      world.store->inject({});
      REQUIRE(lock->renew({}, world.call()));
    });
    CHECK(status_of(break_lock(world.target(), lock->record()->lock_id, world.call())) == Status::HELD);
    CHECK(lock->check(world.call()));
    CHECK(world.record().lock_id == lock->record()->lock_id);
  }
}

TEST_CASE("R13: a break has a token of its own, and a kept record is still kept") {
  World world;
  Options keep = world.options();
  keep.keep = true;
  auto lock = world.must_acquire(keep);
  const std::int64_t token = lock->record()->token;
  REQUIRE(break_lock(world.target(), lock->record()->lock_id, world.call()));
  CHECK(world.record().token == token + 1);
  CHECK(world.record().keep);
  CHECK(status_of(lock->renew({}, world.call())) == Status::LOST);
  CHECK(world.must_acquire()->record()->token == token + 2);
  CHECK(status_of(break_lock(world.target(), lock->record()->lock_id, world.call())) == Status::HELD);
}

TEST_CASE("adopt_empty: a mark counts for a lease, at least 2 s, and never where its maker is proven to live") {
  World world;
  world.store->plant(world.key, "");
  CHECK(status_of(world.try_acquire()) == Status::CORRUPT_RECORD);
  Options adopt = world.options(1s);
  adopt.adopt_empty = true;
  CHECK(status_of(world.try_acquire(adopt)) == Status::HELD);
  world.clock.advance(1900ms);
  CHECK(status_of(world.try_acquire(adopt)) == Status::HELD);
  world.clock.advance(200ms);
  CHECK(world.try_acquire(adopt));
}
