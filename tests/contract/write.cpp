// Write::bytes: when it is called, with what time, and that what it made is what stands.
#include <stdexcept>

#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

using Time = std::optional<std::int64_t>;

// A grant as the core makes it: the token is the store's time, 0 while that is not known.
struct Grant {
  std::vector<Time> times;
  std::vector<std::string> made;

  Write write() {
    return write_of([this](Time time) {
      times.push_back(time);
      made.push_back("{\"grant\":" + record("g") + ",\"token\":\"" + std::to_string(time.value_or(0)) + "\"}");
      return made.back();
    });
  }
};

std::int64_t wall_us() {
  return std::chrono::floor<std::chrono::microseconds>(wall_now()).time_since_epoch().count();
}

}  // namespace

CONTRACT_TEST("a grant's bytes are made from the store's time, and the last made stand", Site &site) {
  Grant grant;
  TenurePtr tenure;
  const auto answer =
      site.store().put(site.key("k"), grant.write(), IfAbsent{}, Step::begin, tenure, Site::soon());
  REQUIRE(landed(answer));
  REQUIRE_FALSE(grant.times.empty());
  CHECK(grant.times.back().has_value());
  site.stands("k", std::get<Landed>(*answer).version, grant.made.back());
}

CONTRACT_TEST("the store's time is in µs since 1970", Site &site) {
  Grant grant;
  TenurePtr tenure;
  const std::int64_t before = wall_us();
  REQUIRE(landed(site.store().put(site.key("k"), grant.write(), IfAbsent{}, Step::begin, tenure, Site::soon())));
  const std::int64_t year_2020 = 1'577'836'800'000'000, year_2200 = 7'258'118'400'000'000;
  REQUIRE(grant.times.back().has_value());
  CHECK(*grant.times.back() > year_2020);
  CHECK(*grant.times.back() < year_2200);
  if (site.can.exact_time) CHECK(*grant.times.back() >= before);
}

CONTRACT_TEST("a time is only missing for bytes that stand until it is known", Site &site) {
  Grant grant;
  TenurePtr tenure;
  REQUIRE(landed(site.store().put(site.key("k"), grant.write(), IfAbsent{}, Step::begin, tenure, Site::soon())));
  for (std::size_t i = 0; i + 1 < grant.times.size(); ++i) CHECK_FALSE(grant.times[i].has_value());
}

CONTRACT_TEST("every step makes its bytes from the store's time", Site &site) {
  Held held = site.create("k", record("a"));
  for (const Step step : {Step::keep, Step::seize, Step::end}) {
    Grant grant;
    const auto answer = site.store().put(site.key("k"), grant.write(), held.version, step, held.tenure, Site::soon());
    REQUIRE(landed(answer));
    held.version = std::get<Landed>(*answer).version;
    CHECK(grant.times.back().has_value());
    CHECK(site.same(std::get<Landed>(*answer).bytes, grant.made.back()));
    site.stands("k", held.version, grant.made.back());
  }
}

CONTRACT_TEST("a refused write leaves none of the bytes that were made for it", Site &site) {
  const std::string bytes = record("a");
  const Held held = site.create("k", bytes);
  Grant grant;
  TenurePtr tenure;
  CHECK(refused(site.store().put(site.key("k"), grant.write(), IfAbsent{}, Step::begin, tenure, Site::soon())));
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("the store's time orders grants on a key that was freed in between", Site &site) {
  NEEDS(site.gives().strict_tokens, "the store's time does not order every two grants");
  std::int64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    Grant grant;
    TenurePtr tenure;
    const auto answer =
        site.store().put(site.key("k"), grant.write(), IfAbsent{}, Step::begin, tenure, Site::soon());
    REQUIRE(landed(answer));
    REQUIRE(grant.times.back().has_value());
    CHECK(*grant.times.back() > last);
    last = *grant.times.back();
    if (site.gives().conditional_remove) {
      REQUIRE(done(site.remove("k", std::get<Landed>(*answer).version, tenure)));
    } else {
      site.wipe_at("k");
    }
  }
}

CONTRACT_TEST("a grant's bytes may be longer once the time is known", Site &site) {
  std::string last;
  const Write write = write_of([&](Time time) { return last = record("a", time ? 900 : 100); });
  TenurePtr tenure;
  const auto answer = site.store().put(site.key("k"), write, IfAbsent{}, Step::begin, tenure, Site::soon());
  REQUIRE(landed(answer));
  CHECK(last.size() == 900);
  site.stands("k", std::get<Landed>(*answer).version, last);
}

CONTRACT_TEST("F34: when the bytes cannot be made, nothing is held", Site &site) {
  const Write write = write_of([](Time) -> std::string { throw std::bad_alloc(); });
  TenurePtr tenure;
  CHECK_THROWS_AS((void)site.store().put(site.key("k"), write, IfAbsent{}, Step::begin, tenure, Site::soon()),
                  std::bad_alloc);
  CHECK(tenure == nullptr);
  const Look seen = site.look("k");
  CHECK((!seen || seen->life == Life::dead));
}

CONTRACT_TEST("F34: when a renewal's bytes cannot be made, the old ones stand and the holder lives", Site &site) {
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  const Write write = write_of([](Time) -> std::string { throw std::bad_alloc(); });
  CHECK_THROWS_AS(
      (void)site.store().put(site.key("k"), write, held.version, Step::keep, held.tenure, Site::soon()),
      std::bad_alloc);
  site.stands("k", held.version, bytes);
  site.keep("k", held, record("b"));
}

}  // namespace vfslock::impl::contract
