#include "unit/lock/world.hpp"

using namespace vfslock::impl;
using Operation = World::Operation;

TEST_CASE("a free lock takes one write to get and one to give back, and nothing else") {
  World world;
  std::vector<Operation> order;
  world.watch([&](const MemoryRequest &request) {
    if (request.operation != Operation::guarantee) order.push_back(request.operation);
  });
  auto lock = world.must_acquire();
  REQUIRE(lock->release(world.call()));
  CHECK(order == std::vector<Operation>{Operation::put, Operation::remove});
}

TEST_CASE("the required guarantee is checked before anything is written") {
  World world;
  int writes = 0;
  world.watch([&](const MemoryRequest &request) { writes += request.operation == Operation::put; });
  struct Weak : Store {
    std::shared_ptr<MemoryStore> inner;
    Result<Guarantee> guarantee(const Call &call) override {
      auto gives = inner->guarantee(call);
      gives->level = Level::none;
      gives->how = "conditions are ignored";
      return gives;
    }
    Result<Look> get(const std::string &k, Reading r, const Call &c) override { return inner->get(k, r, c); }
    Result<Put> put(const std::string &k, const Write &w, const Condition &o, Step s, TenurePtr &t, const Call &c) override {
      return inner->put(k, w, o, s, t, c);
    }
    Result<Removal> remove(const std::string &k, const Version &v, TenurePtr &t, const Call &c) override {
      return inner->remove(k, v, t, c);
    }
    std::string identity(const std::string &k) const override { return k; }
  };
  auto weak = std::make_shared<Weak>();
  weak->inner = world.store;
  Target target{weak, world.key, &world.clock, &world.random, &world.observations};
  Handlers yes;
  auto lock = acquire(target, world.options(), yes, {});
  CHECK(status_of(lock) == Status::BELOW_GUARANTEE);
  CHECK(lock.error().message.find("conditions are ignored") != std::string::npos);
  CHECK(writes == 0);
  Options named = world.options();
  named.required = Level::none;
  CHECK(acquire(target, named, yes, {}));
}

TEST_CASE("a refusal carries the holder's record; a wait that ends is TIMEOUT, a try HELD") {
  World world;
  auto lock = world.must_acquire(10min);
  auto refused = world.try_acquire();
  REQUIRE(status_of(refused) == Status::HELD);
  CHECK(refused.error().record == world.look()->bytes);
  const BootTime start = world.clock.now();
  Handlers yes;
  auto waited = acquire(world.target(), world.options(), yes, {5s, nullptr});
  REQUIRE(status_of(waited) == Status::TIMEOUT);
  CHECK(waited.error().record == world.look()->bytes);
  CHECK(world.clock.now() - start == 5s);
}

TEST_CASE("a refused create whose object is then gone means free: taken, even in a try") {
  World world;
  world.plant(world.others());
  auto once = std::make_shared<bool>(true);
  world.store->inject({nullptr, [&, once](const MemoryRequest &request) -> MemoryFault {
                         if (request.operation == Operation::put && *once) {
                           *once = false;
                           world.store->wipe(world.key);
                           return {MemoryFault::Kind::unknown, {Status::UNAVAILABLE, "x"}};  // so that it reads back
                         }
                         return {};
                       }});
  CHECK(world.try_acquire());
}

TEST_CASE("a waiter is woken by the release, long before its poll") {
  World world(MemoryOptions{});
  auto lock = world.must_acquire(0s);
  world.clock.at(7s + 123us, [&] { CHECK(lock->release(world.call())); });
  const BootTime start = world.clock.now();
  Handlers yes;
  auto next = acquire(world.target(), world.options(), yes, {60s, nullptr});
  REQUIRE(next);
  CHECK(world.clock.now() - start == 7s + 123us);
}

TEST_CASE("the hint is armed before the look that decides to sleep") {
  World world(MemoryOptions{});
  auto lock = world.must_acquire(0s);
  int gets = 0;
  BootTime released = never;
  world.store->inject({nullptr, [&](const MemoryRequest &request) -> MemoryFault {
                         // The lock is released right after a look of the waiter was answered.
                         if (request.operation != Operation::get || ++gets != 2) return {};
                         CHECK(lock->release(world.call()));
                         released = world.clock.now();
                         return {};
                       }});
  Handlers yes;
  CHECK(acquire(world.target(), world.options(), yes, {60s, nullptr}));
  CHECK(world.clock.now() == released);
}

TEST_CASE("a wait can be cancelled, and the waiting handler can end it") {
  World world;
  auto lock = world.must_acquire(10min);
  Cancel cancel;
  world.clock.at(3s, [&] { cancel.trigger(); });
  const BootTime start = world.clock.now();
  Handlers yes;
  CHECK(status_of(acquire(world.target(), world.options(), yes, {std::nullopt, &cancel})) == Status::CANCELLED);
  CHECK(world.clock.now() - start <= 4s + 10s);

  struct Impatient : Handlers {
    int calls = 0;
    Result<bool> waiting(const Judgement &judgement, Duration waited) override {
      CHECK(judgement.standing == Standing::held);
      ++calls;
      return waited < 3s;
    }
    bool watches() const override { return true; }
  } impatient;
  CHECK(status_of(acquire(world.target(), world.options(), impatient, {std::nullopt, nullptr})) == Status::CANCELLED);
  CHECK(impatient.calls >= 4);
}

TEST_CASE("a storage that cannot be reached for a moment does not end a wait with time left; a try tells at once") {
  World world;
  world.always(Operation::put, false, MemoryFault::Kind::error);
  CHECK(status_of(world.try_acquire()) == Status::UNAVAILABLE);
  world.clock.at(5s, [&] { world.store->inject({}); });
  Handlers yes;
  CHECK(acquire(world.target(), world.options(), yes, {60s, nullptr}));
}

TEST_CASE("a process that acquires twice is told HELD with its own record") {
  World world(MemoryOptions{});
  auto lock = world.must_acquire();
  auto again = world.try_acquire();
  REQUIRE(status_of(again) == Status::HELD);
  CHECK(again.error().record.find(lock->record()->lock_id) != std::string::npos);
}

TEST_CASE("E5: after a power loss an unreadable record is stale, through the handler, only where nobody lives") {
  Guarantee near;
  near.shared_clock = true;
  Observations seen;
  const Moment now{BootTime(1h), WallTime(1h)};
  for (const char *bytes : {"", "\0\0\0\0", "{\"created"}) {
    Seen torn{bytes, {"v"}, Life::dead, true};
    CHECK(judge(torn, now, near, "k", seen).evidence == Evidence::power_loss);
    torn.predates_boot = false;
    CHECK(judge(torn, now, near, "k", seen).standing == Standing::corrupt);
    torn.predates_boot = true;
    torn.life = Life::alive;
    CHECK(judge(torn, now, near, "k", seen).standing == Standing::corrupt);
    torn.life = Life::cannot_tell;
    CHECK(judge(torn, now, near, "k", seen).standing == Standing::corrupt);
  }
}

TEST_CASE("inspect tells free, held, released, foreign, stale and corrupt, and writes nothing") {
  World world;
  auto standing = [&] { return inspect(world.target(), world.call())->judgement.standing; };
  CHECK(standing() == Standing::free);
  world.plant(world.others(30s));
  CHECK(standing() == Standing::held);
  world.clock.advance(30s);
  CHECK(standing() == Standing::stale);
  world.plant(released_form(world.others()));
  CHECK(standing() == Standing::released);
  world.store->plant(world.key, R"({"createdAt":"2020-01-01T00:00:00Z","ttl":0,"hostname":"h","pid":1})");
  CHECK(standing() == Standing::foreign);
  world.store->plant(world.key, "?");
  CHECK(standing() == Standing::corrupt);
  CHECK(world.look()->bytes == "?");
}

TEST_CASE("a storage that refuses every create although nothing is there ends a wait at its deadline, and a try at once") {
  World world;
  struct Refusing : Store {
    std::shared_ptr<MemoryStore> inner;
    Result<Guarantee> guarantee(const Call &call) override { return inner->guarantee(call); }
    Result<Look> get(const std::string &k, Reading r, const Call &c) override { return inner->get(k, r, c); }
    Result<Put> put(const std::string &, const Write &, const Condition &, Step, TenurePtr &, const Call &) override {
      return Put{Refused{}};
    }
    Result<Removal> remove(const std::string &k, const Version &v, TenurePtr &t, const Call &c) override {
      return inner->remove(k, v, t, c);
    }
    std::string identity(const std::string &k) const override { return k; }
  };
  auto refusing = std::make_shared<Refusing>();
  refusing->inner = world.store;
  Target target{refusing, world.key, &world.clock, &world.random, &world.observations};
  Handlers yes;
  CHECK(status_of(acquire(target, world.options(), yes, {})) == Status::UNAVAILABLE);
  const BootTime start = world.clock.now();
  CHECK(status_of(acquire(target, world.options(), yes, {20s, nullptr})) == Status::UNAVAILABLE);
  CHECK(world.clock.now() - start > 10s);
  CHECK(world.clock.now() - start <= 20s);
}
