#include "unit/lock/world.hpp"

using namespace vfslock::impl;

TEST_CASE("R12: what cannot be understood is held by unknown, whatever its age") {
  for (const char *bytes : {"", "{", "[]", "null", R"({"lockId":"x"})", R"({"createdAt":"yesterday","ttl":1})",
                            R"({"ttl":1e15})", R"({"ttl":"5"})"}) {
    CAPTURE(bytes);
    World world;
    world.store->plant(world.key, bytes);
    for (int i = 0; i < 3; ++i) {
      CHECK(status_of(world.try_acquire()) == Status::CORRUPT_RECORD);
      world.clock.advance(1000h);
    }
    CHECK(world.look()->bytes == bytes);
  }
}

TEST_CASE("R12: a newer major version is honoured and never judged stale") {
  World world;
  world.store->plant(world.key, R"({"version":2,"anything":{"goes":[1,2]},"lease":"1"})");
  for (int i = 0; i < 3; ++i) {
    CHECK(status_of(world.try_acquire()) == Status::HELD);
    world.clock.advance(1000h);
  }
}

TEST_CASE("R12: a waiter does not wait for ever on a record that nobody can understand") {
  World world;
  world.store->plant(world.key, "torn{");
  Handlers yes;
  CHECK(status_of(acquire(world.target(), world.options(), yes, {std::nullopt, nullptr})) == Status::CORRUPT_RECORD);
  CHECK(world.look()->bytes == "torn{");
}

TEST_CASE("R16: a record above 16 KiB is not read to its end, and is held by unknown") {
  World world;
  Record record = world.others(1s);
  record.attributes.emplace_back("a", std::string(9000, 'x'));
  record.attributes.emplace_back("b", std::string(9000, 'x'));
  world.plant(record);
  CHECK(world.look()->bytes.size() == max_object_bytes + 1);
  CHECK(status_of(world.try_acquire()) == Status::CORRUPT_RECORD);
  world.clock.advance(100s);
  CHECK(status_of(world.try_acquire()) == Status::CORRUPT_RECORD);
}

TEST_CASE("R18: tokens and other 64-bit numbers are decimal strings and survive exactly") {
  Record record;
  record.lock_id = record.write_id = std::string(32, 'a');
  record.token = (std::int64_t{1} << 62) - 1;
  record.seq = (std::uint64_t{1} << 53) + 1;
  record.lease = Duration((std::int64_t{1} << 60) + 1);
  record.ttl = Duration(INT64_MAX);
  const std::string bytes = encode(record);
  CHECK(bytes.find(R"("token":"4611686018427387903")") != std::string::npos);
  CHECK(bytes.find(R"("seq":"9007199254740993")") != std::string::npos);
  CHECK(bytes.find(R"("ttl":9223372036854775807)") != std::string::npos);
  auto decoded = decode(bytes);
  REQUIRE(std::holds_alternative<Record>(decoded));
  const Record &again = std::get<Record>(decoded);
  CHECK(again.token == record.token);
  CHECK(again.seq == record.seq);
  CHECK(again.lease == record.lease);
  CHECK(again.ttl == record.ttl);
}

TEST_CASE("a token or seq of 2^62 or above is a corrupt record") {
  Record record;
  record.lock_id = record.write_id = std::string(32, 'a');
  record.token = max_token - 1;
  record.seq = static_cast<std::uint64_t>(max_token) - 1;
  CHECK(std::holds_alternative<Record>(decode(encode(record))));
  record.token = max_token;
  CHECK(std::holds_alternative<Unreadable>(decode(encode(record))));
  record.token = 1;
  record.seq = static_cast<std::uint64_t>(max_token);
  CHECK(std::holds_alternative<Unreadable>(decode(encode(record))));
}

TEST_CASE("a released record says so to us, and long expired to the Go package") {
  Record record;
  record.lock_id = record.write_id = std::string(32, 'a');
  record.ttl = Duration{};
  const std::string bytes = encode(released_form(record));
  CHECK(bytes.find(R"("createdAt":"1970-01-01T00:00:00Z","ttl":1,)") != std::string::npos);
}

TEST_CASE("the ttl of a renewed record is the time since it was created plus the lease, by the boot clock") {
  World world;
  auto lock = world.must_acquire(30s);
  const WallTime created = world.record().created;
  world.clock.advance(20s);
  REQUIRE(lock->renew({}, world.call()));
  CHECK(world.record().created == created);
  CHECK(world.record().ttl == 50s);
  world.clock.step_wall(-1h);  // the clock was set: createdAt follows, so that the expiry is right by today's clock
  REQUIRE(lock->renew({}, world.call()));
  CHECK(world.record().created == created - 1h);
  CHECK(world.record().created + world.record().ttl == world.clock.wall() + 30s);
  CHECK(world.record().token == lock->record()->token);
}

TEST_CASE("attributes, owner and host survive renewals and stand in the record of the next look") {
  World world;
  Options options = world.options();
  options.attributes = {{"job", "17"}};
  auto lock = world.must_acquire(options);
  REQUIRE(lock->renew({}, world.call()));
  CHECK(world.record().attributes == options.attributes);
  CHECK(world.record().owner == "test");
}

TEST_CASE("a foreign record is honoured by its own TTL and the wall clock, with a grace on networks") {
  const char *record = R"({"createdAt":"2026-01-01T00:00:00Z","ttl":30000000000,"hostname":"h","pid":1})";
  for (bool near : {false, true}) {
    MemoryOptions kind = network();
    kind.shared_clock = near;
    World world(kind);
    const WallTime created = std::get<Record>(decode(record)).created;
    world.clock.step_wall(created - world.clock.wall());
    world.store->plant(world.key, record);
    world.clock.advance(30s + (near ? 0s : 2s));
    CHECK(status_of(world.try_acquire()) == Status::HELD);
    world.clock.advance(1ms);
    CHECK(world.try_acquire());
  }
}

TEST_CASE("a foreign record with TTL 0 is held for ever, with a negative one stale at once") {
  World world;
  world.store->plant(world.key, R"({"createdAt":"2020-01-01T00:00:00Z","ttl":0,"hostname":"h","pid":1})");
  CHECK(status_of(world.try_acquire()) == Status::HELD);
  world.store->plant(world.key, R"({"createdAt":"2020-01-01T00:00:00Z","ttl":-1,"hostname":"h","pid":1})");
  CHECK(world.try_acquire());
}

TEST_CASE("the age of a record is told even where it claims no time of birth, or an impossible one") {
  World world;
  for (const char *bytes : {R"({"ttl":1000000000})", R"({"createdAt":"1677-09-21T00:12:44Z","ttl":1})"}) {
    world.store->plant(world.key, bytes);
    const auto seen = inspect(world.target(), world.call());
    REQUIRE(seen);
    CHECK(seen->judgement.age == world.clock.wall().time_since_epoch());
  }
  world.store->plant(world.key, R"({"createdAt":"2262-04-11T23:47:16Z","ttl":1})");
  CHECK(inspect(world.target(), world.call())->judgement.age == 0s);
}
