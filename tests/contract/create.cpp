#include "contract.hpp"

namespace vfslock::impl::contract {

CONTRACT_TEST("a key where nothing was written reads as nothing", Site &site) {
  CHECK_FALSE(site.look("k"));
  CHECK_FALSE(site.look("k", Reading::hint));
}

CONTRACT_TEST("a create on nothing lands and reads back", Site &site) {
  const std::string bytes = record("a");
  const Held held = site.create("k", bytes);
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("what a put says that it landed is what a read gives", Site &site) {
  const Held held = site.create("k", record("a"));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(seen->bytes == held.bytes);
  CHECK(seen->version == held.version);
}

CONTRACT_TEST("a hint reads the same as an exact read when nobody writes", Site &site) {
  const Held held = site.create("k", record("a"));
  const Look seen = site.look("k", Reading::hint);
  REQUIRE(seen);
  CHECK(seen->bytes == held.bytes);
  CHECK(seen->version == held.version);
}

CONTRACT_TEST("a create where something stands is refused and changes nothing", Site &site) {
  const std::string bytes = record("first");
  const Held held = site.create("k", bytes);
  for (const Step step : {Step::begin, Step::seize}) {
    TenurePtr tenure;
    CHECK(refused(site.put("k", record("second"), IfAbsent{}, step, tenure)));
    CHECK(tenure == nullptr);
    site.stands("k", held.version, bytes);
  }
}

CONTRACT_TEST("a create where another program's object stands is refused", Site &site) {
  site.plant_at("k", "not ours");
  TenurePtr tenure;
  CHECK(refused(site.put("k", record("a"), IfAbsent{}, Step::begin, tenure)));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(seen->bytes == "not ours");
}

CONTRACT_TEST("a refused create shows what stands there, where it shows anything", Site &site) {
  const Held held = site.create("k", record("a"));
  TenurePtr tenure;
  const auto answer = site.put("k", record("b"), IfAbsent{}, Step::begin, tenure);
  REQUIRE(refused(answer));
  const auto &there = std::get<Refused>(*answer).there;
  if (!there) return;  // the store answers without looking
  REQUIRE(*there);
  CHECK((*there)->bytes == held.bytes);
  CHECK((*there)->version == held.version);
}

CONTRACT_TEST("a create lands again after the object was deleted from outside", Site &site) {
  const Held first = site.create("k", record("a"));
  site.wipe_at("k");
  CHECK_FALSE(site.look("k"));
  const std::string bytes = record("b");
  const Held second = site.create("k", bytes);
  CHECK(second.version != first.version);
  site.stands("k", second.version, bytes);
}

CONTRACT_TEST("keys do not touch each other", Site &site) {
  const std::string a = record("a"), b = record("b");
  const Held first = site.create("k1", a);
  const Held second = site.create("k2", b);
  CHECK(first.version != second.version);
  site.stands("k1", first.version, a);
  site.stands("k2", second.version, b);
  site.wipe_at("k1");
  CHECK_FALSE(site.look("k1"));
  site.stands("k2", second.version, b);
}

CONTRACT_TEST("every client of a place sees the same objects", Site &site) {
  const auto other = site.open();
  CHECK_FALSE(site.look(*other, "k"));
  const Held held = site.create("k", record("a"));
  const Look seen = site.look(*other, "k");
  REQUIRE(seen);
  CHECK(seen->version == held.version);
  CHECK(seen->bytes == held.bytes);
  TenurePtr tenure;
  CHECK(refused(site.put(*other, "k", record("b"), IfAbsent{}, Step::begin, tenure)));
}

CONTRACT_TEST("a version that one client was told is good for another", Site &site) {
  const auto other = site.open();
  const Held held = site.create(*other, "k", record("a"));
  const std::string bytes = record("b");
  const Held seized = site.seize("k", held.version, bytes);
  site.stands("k", seized.version, bytes);
}

CONTRACT_TEST("an identity is one for all clients and differs between keys", Site &site) {
  const auto other = site.open();
  CHECK(site.store().identity(site.key("k")) == other->identity(site.key("k")));
  CHECK(site.store().identity(site.key("k")) != site.store().identity(site.key("l")));
  const std::string before = other->identity(site.key("k"));
  const Held held = site.create("k", record("a"));
  CHECK(other->identity(site.key("k")) == before);
}

CONTRACT_TEST("the guarantee is complete and does not change", Site &site) {
  const Guarantee &gives = site.gives();
  CHECK(gives.level != Level::none);
  CHECK_FALSE(gives.how.empty());
  CHECK(gives.min_ttl > Duration::zero());
  CHECK(gives.max_object >= 1024);
  CHECK(gives.max_object <= max_object_bytes);
  const auto again = site.open()->guarantee(Site::soon());
  REQUIRE(again);
  CHECK(again->level == gives.level);
  CHECK(again->conditional_remove == gives.conditional_remove);
  CHECK(again->shared_clock == gives.shared_clock);
  CHECK(again->strict_tokens == gives.strict_tokens);
  CHECK(again->max_object == gives.max_object);
}

}  // namespace vfslock::impl::contract
