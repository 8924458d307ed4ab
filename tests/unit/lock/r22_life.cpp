#include "unit/lock/world.hpp"

using namespace vfslock::impl;

namespace {

struct Asking : Handlers {
  int asked = 0;
  Evidence evidence = Evidence::none;
  Verdict answer = Verdict::steal;
  Result<Verdict> stale(const Judgement &judgement) override {
    ++asked;
    evidence = judgement.evidence;
    return answer;
  }
};

Options plain(World &world, Steal steal) {
  Options options = world.options();
  options.steal = steal;
  return options;
}

}  // namespace

TEST_CASE("R22: a PID proves nothing: a dead one in the record leaves the lock held") {
  World world(MemoryOptions{});
  auto lock = world.must_acquire();
  Record record = world.record();
  CHECK(record.pid == 1);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
}

TEST_CASE("proof of death frees the lock at once, TTL 0 included; the handler is asked") {
  for (Duration lease : {Duration(30s), Duration(0s)}) {
    World world(MemoryOptions{});
    auto lock = world.must_acquire(lease);
    CHECK(status_of(world.try_acquire()) == Status::HELD);
    world.store->end_life(world.key);
    Asking handlers;
    auto next = acquire(world.target(), world.options(), handlers, {});
    REQUIRE(next);
    CHECK(handlers.asked == 1);
    CHECK(handlers.evidence == Evidence::dead);
    CHECK((*next)->record()->token > lock->record()->token);
  }
}

TEST_CASE("a detached tenure and a foreign record are never judged by life") {
  World world(MemoryOptions{});
  Record detached = world.others();
  detached.detached = true;
  world.plant(detached);  // planted: nobody lives there
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.store->plant(world.key, R"({"createdAt":"2026-01-01T00:00:00Z","ttl":0,"hostname":"h","pid":1})");
  CHECK(status_of(world.try_acquire()) == Status::HELD);
}

TEST_CASE("steal=dead takes from the dead only, steal=never from nobody, a released lock is free to both") {
  World world(MemoryOptions{});
  auto lock = world.must_acquire(30s);
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(40s);
  CHECK(status_of(world.try_acquire(plain(world, Steal::dead))) == Status::HELD);
  CHECK(status_of(world.try_acquire(plain(world, Steal::never))) == Status::HELD);
  world.store->end_life(world.key);
  CHECK(status_of(world.try_acquire(plain(world, Steal::never))) == Status::HELD);
  CHECK(world.try_acquire(plain(world, Steal::dead)));

  World released(network_without_remove());
  REQUIRE(released.must_acquire()->release(released.call()));
  CHECK(released.try_acquire(plain(released, Steal::never)));
}

TEST_CASE("the stale handler decides: wait goes on, veto ends with VETOED, its own failure travels") {
  World world;
  world.plant(world.others(30s));
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(31s);
  Asking handlers;
  handlers.answer = Verdict::wait;
  CHECK(status_of(acquire(world.target(), world.options(), handlers, {})) == Status::HELD);
  handlers.answer = Verdict::veto;
  CHECK(status_of(acquire(world.target(), world.options(), handlers, {})) == Status::VETOED);
  struct Failing : Handlers {
    Result<Verdict> stale(const Judgement &) override { return Error{Status::CALLBACK_FAILED, "boom"}; }
  } failing;
  CHECK(status_of(acquire(world.target(), world.options(), failing, {})) == Status::CALLBACK_FAILED);
  CHECK(world.record().owner.empty());  // nobody replaced it
}

TEST_CASE("a yes is bound to the version that was judged: a holder that renewed meanwhile keeps the lock") {
  World world;
  world.plant(world.others(30s));
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.clock.advance(31s);
  struct Renewing : Handlers {
    World &world;
    explicit Renewing(World &w) : world(w) {}
    Result<Verdict> stale(const Judgement &judgement) override {
      Record renewed = *judgement.record;
      renewed.write_id = nonce(world.random);
      world.plant(renewed);
      return Verdict::steal;
    }
  } handlers(world);
  CHECK(status_of(acquire(world.target(), world.options(), handlers, {})) == Status::HELD);
  CHECK(world.record().lock_id == world.others().lock_id);
}

TEST_CASE("an own create that is found without its proof of life is a dead one's, not a grant") {
  World world(MemoryOptions{});
  int puts = 0;
  world.store->inject({nullptr, [&](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation != World::Operation::put || ++puts > 1) return {};
                         world.store->end_life(world.key);
                         return {MemoryFault::Kind::unknown, {Status::UNAVAILABLE, "x"}};
                       }});
  auto lock = world.must_acquire();
  CHECK(lock->is_held());
  CHECK(world.look()->life == Life::alive);
  CHECK(puts == 2);  // created, then taken over
}
