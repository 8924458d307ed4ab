#include "memory_support.hpp"

using namespace vfslock::impl;
using namespace std::chrono_literals;

TEST_CASE("the store's time orders every two writes although the wall clock stands still or steps back") {
  WallTime wall{1'000'000us};
  MemoryOptions options;
  options.wall = [&] { return wall; };
  MemoryStore store(options);
  std::vector<std::int64_t> times;
  for (int i = 0; i < 3; ++i, wall -= 1s) {
    TenurePtr tenure;
    Write write = text("");
    write.bytes = [&](std::optional<std::int64_t> time) { return times.push_back(*time), std::to_string(*time); };
    REQUIRE(store.put(std::to_string(i), write, IfAbsent{}, Step::begin, tenure, Call{}));
  }
  CHECK(times == std::vector<std::int64_t>{1'000'000, 1'000'001, 1'000'002});
}

TEST_CASE("deadlines are counted on the clock that the store was given") {
  BootTime now{5s};
  MemoryOptions options;
  options.now = [&] { return now; };
  MemoryStore store(options);
  TenurePtr tenure;
  const auto put = [&] { return store.put("k", text("a"), IfAbsent{}, Step::begin, tenure, Call{BootTime{6s}}); };
  now = BootTime{6s};
  CHECK(put().error().status == Status::UNAVAILABLE);
  now = BootTime{6s - 1ns};
  CHECK(std::holds_alternative<Landed>(*put()));
}

TEST_CASE("without life nobody can be proven dead, and no tenure is needed") {
  MemoryOptions options;
  options.life = false;
  MemoryStore store(options);
  TenurePtr tenure;
  const auto first = std::get<Landed>(begin(store, "k", "a", tenure));
  CHECK(tenure == nullptr);
  CHECK(look(store, "k")->life == Life::cannot_tell);
  const auto kept = store.put("k", text("b"), first.version, Step::keep, tenure, Call{});
  CHECK(std::holds_alternative<Landed>(*kept));
}

TEST_CASE("dates are told where they are asked for") {
  MemoryOptions options;
  WallTime wall{100s};
  options.wall = [&] { return wall; };
  options.dates = true;
  MemoryStore dated(options);
  dated.plant("k", "a");
  wall += 7s;
  CHECK(look(dated, "k")->last_modified == WallTime{100s});
  CHECK(look(dated, "k")->server_date == WallTime{107s});
  MemoryStore plain;
  plain.plant("k", "a");
  CHECK_FALSE(look(plain, "k")->server_date);
}

TEST_CASE("two memories without a name are two identities") {
  MemoryStore a, b;
  CHECK(a.identity("k") != b.identity("k"));
  CHECK(a.identity("k") == a.identity("k"));
  CHECK(a.identity("k") != a.identity("l"));
}
