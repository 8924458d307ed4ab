#include "unit/lock/world.hpp"

using namespace vfslock::impl;
using Operation = World::Operation;

namespace {

// A create that times out while another holder's record stands there, and lands once that one is gone.
struct LateCreate final : Handlers {
  explicit LateCreate(World &its_world, Duration its_delay) : world(its_world), delay(its_delay) {
    world.plant(world.others(1h));
    world.store->inject({[this](const MemoryRequest &request) -> MemoryFault {
                           if (request.operation != Operation::put || !bytes.empty()) return {};
                           bytes = request.write->bytes(1);
                           sent = world.clock.now();
                           return {MemoryFault::Kind::unknown, {Status::UNAVAILABLE, "timed out"}};
                         },
                         nullptr});
  }
  Result<bool> waiting(const Judgement &, Duration) override {
    if (std::exchange(landed, true)) return Error{Status::INTERNAL, "it waits although nobody else holds"};
    world.clock.advance(delay);
    world.store->plant(world.key, bytes);
    return true;
  }
  std::string lock_id() const { return std::get<Record>(decode(bytes)).lock_id; }

  World &world;
  Duration delay;
  std::string bytes;
  BootTime sent;
  bool landed = false;
};

}  // namespace

TEST_CASE("F02: an own create that lands late, while its sender waits, is the grant that it waits for") {
  World world;
  LateCreate late(world, 2s);
  auto lock = acquire(world.target(), world.options(30s), late, {10min, nullptr});
  REQUIRE(lock);
  CHECK((*lock)->record()->lock_id == late.lock_id());
  CHECK((*lock)->belief().deadline() == late.sent + 22500ms);
}

TEST_CASE("R8: an own create that lands too late is given back, and the wait goes on for another tenure") {
  World world;
  LateCreate late(world, 40s);
  auto lock = acquire(world.target(), world.options(30s), late, {10min, nullptr});
  REQUIRE(lock);
  CHECK((*lock)->is_held());
  // A removal of what was given back may still be on its way: nothing of that tenure may be taken for a grant again.
  CHECK((*lock)->record()->lock_id != late.lock_id());
}

TEST_CASE("createdAt tells when the lock was granted, however long the wait for it was (RELIABILITY §5)") {
  World world;
  world.plant(world.others(10s));
  Handlers yes;
  auto lock = acquire(world.target(), world.options(30s), yes, {10min, nullptr});
  REQUIRE(lock);
  const WallTime granted = world.record().created;
  CHECK(granted == world.clock.wall());
  world.clock.advance(5s);
  REQUIRE((*lock)->renew({}, world.call()));
  CHECK(world.record().created == granted);
  CHECK(world.record().ttl == 35s);
}
