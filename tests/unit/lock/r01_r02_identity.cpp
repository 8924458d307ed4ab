#include <set>

#include "unit/lock/world.hpp"

using namespace vfslock::impl;

TEST_CASE("R1: a tenure is known by its lockId, and by nothing else in the record") {
  World world;
  auto mine = world.must_acquire();
  const Record before = world.record();
  CHECK(before.lock_id.size() == 32);

  Record twin = before;  // another process with the same host, PID and owner
  twin.lock_id = std::string(32, 'b');
  twin.write_id = std::string(32, 'c');
  world.plant(twin);
  CHECK(status_of(mine->renew({}, world.call())) == Status::LOST);
  CHECK(mine->loss() == Loss::replaced);
  CHECK(world.record().lock_id == twin.lock_id);
}

TEST_CASE("R1: every acquisition has an id of its own") {
  World world;
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) {
    auto lock = world.must_acquire();
    CHECK(ids.insert(lock->record()->lock_id).second);
    REQUIRE(lock->release(world.call()));
  }
}

TEST_CASE("R2: no two writes of a tenure are byte-equal, even when the clock stands still") {
  World world;
  auto lock = world.must_acquire();
  std::set<std::string> versions{world.look()->bytes};
  std::uint64_t seq = world.record().seq;
  std::string write_id = world.record().write_id;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(lock->renew({}, world.call()));
    CHECK(versions.insert(world.look()->bytes).second);
    CHECK(world.record().seq == seq + 1);
    CHECK(world.record().write_id != write_id);
    seq = world.record().seq;
    write_id = world.record().write_id;
  }
}
