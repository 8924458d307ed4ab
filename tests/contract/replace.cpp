#include <algorithm>

#include "contract.hpp"

namespace vfslock::impl::contract {

CONTRACT_TEST("a replace of the version that stands lands", Site &site) {
  const Held first = site.create("k", record("a"));
  const std::string bytes = record("b");
  const Held second = site.seize("k", first.version, bytes);
  CHECK(second.version != first.version);
  site.stands("k", second.version, bytes);
}

CONTRACT_TEST("a replace of an older version is refused and changes nothing", Site &site) {
  const Held first = site.create("k", record("a"));
  const std::string bytes = record("b");
  const Held second = site.seize("k", first.version, bytes);
  for (const Step step : {Step::begin, Step::seize}) {
    TenurePtr tenure;
    CHECK(refused(site.put("k", record("c"), first.version, step, tenure)));
    CHECK(tenure == nullptr);
  }
  site.stands("k", second.version, bytes);
}

CONTRACT_TEST("a replace where nothing stands is refused and makes nothing", Site &site) {
  const Held held = site.create("k", record("a"));
  site.wipe_at("k");
  for (const Step step : {Step::begin, Step::seize}) {
    TenurePtr tenure;
    const auto answer = site.put("k", record("b"), held.version, step, tenure);
    REQUIRE(refused(answer));
    const auto &there = std::get<Refused>(*answer).there;
    if (there) CHECK_FALSE(*there);
    CHECK_FALSE(site.look("k"));
  }
}

CONTRACT_TEST("a version of another key is refused", Site &site) {
  const std::string bytes = record("a");
  const Held first = site.create("k1", bytes);
  const Held other = site.create("k2", record("b"));
  TenurePtr tenure;
  CHECK(refused(site.put("k1", record("c"), other.version, Step::seize, tenure)));
  site.stands("k1", first.version, bytes);
}

CONTRACT_TEST("a refused replace shows what stands there, where it shows anything", Site &site) {
  const Held first = site.create("k", record("a"));
  const Held second = site.seize("k", first.version, record("b"));
  TenurePtr tenure;
  const auto answer = site.put("k", record("c"), first.version, Step::seize, tenure);
  REQUIRE(refused(answer));
  const auto &there = std::get<Refused>(*answer).there;
  if (!there) return;  // the store answers without looking
  REQUIRE(*there);
  CHECK((*there)->version == second.version);
  CHECK((*there)->bytes == second.bytes);
}

CONTRACT_TEST("an old version stays refused after the object was deleted and made again", Site &site) {
  const Held first = site.create("k", record("a"));
  site.wipe_at("k");
  const std::string bytes = record("b");
  const Held second = site.create("k", bytes);
  TenurePtr tenure;
  CHECK(refused(site.put("k", record("late"), first.version, Step::seize, tenure)));
  site.stands("k", second.version, bytes);
}

CONTRACT_TEST("F27: a replace after somebody else overwrote the object is refused", Site &site) {
  Held held = site.create("k", record("a"));
  site.plant_at("k", "another program's");
  CHECK_FALSE(landed(site.put("k", record("b"), held.version, Step::keep, held.tenure)));
  TenurePtr tenure;
  CHECK(refused(site.put("k", record("c"), held.version, Step::seize, tenure)));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(seen->bytes == "another program's");
}

CONTRACT_TEST("F27: a replace after the object was deleted from outside is refused", Site &site) {
  Held held = site.create("k", record("a"));
  site.wipe_at("k");
  CHECK_FALSE(landed(site.put("k", record("b"), held.version, Step::keep, held.tenure)));
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("another program's object can be replaced by its version", Site &site) {
  site.plant_at("k", "another program's");
  const Look seen = site.look("k");
  REQUIRE(seen);
  const std::string bytes = record("a");
  const Held held = site.seize("k", seen->version, bytes);
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("a shorter object leaves nothing of a longer one behind", Site &site) {
  const Held first = site.create("k", record("long", 1000));
  const std::string bytes = record("short");
  Held second = site.seize("k", first.version, bytes);
  site.stands("k", second.version, bytes);
  const std::string longer = record("longer", 900), shorter = record("shorter");
  site.keep("k", second, longer);
  site.stands("k", second.version, longer);
  site.keep("k", second, shorter);
  site.stands("k", second.version, shorter);
}

CONTRACT_TEST("R2: no two states of a key have one version", Site &site) {
  std::vector<std::string> ids;
  for (int round = 0; round < 10; ++round) {
    Held held = site.create("k", record("a"));
    ids.push_back(held.version.id);
    for (int i = 0; i < 5; ++i) {
      site.keep("k", held, record("b"));
      ids.push_back(held.version.id);
    }
    held = site.seize("k", held.version, record("c"));
    ids.push_back(held.version.id);
    site.end("k", held, record("d"));
    ids.push_back(held.version.id);
    site.wipe_at("k");
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

CONTRACT_TEST("a version does not change while nobody writes", Site &site) {
  const Held held = site.create("k", record("a"));
  const auto other = site.open();
  for (int i = 0; i < 5; ++i) {
    CHECK(site.look("k")->version == held.version);
    CHECK(site.look(*other, "k", Reading::hint)->version == held.version);
  }
}

CONTRACT_TEST("a chain of replaces, each on the version before", Site &site) {
  Held held = site.create("k", record("0"));
  for (int i = 1; i <= 30; ++i) {
    const std::string bytes = record(std::to_string(i));
    if (i % 2) {
      site.keep("k", held, bytes);
    } else {
      held = site.seize("k", held.version, bytes);
    }
    site.stands("k", held.version, bytes);
  }
}

}  // namespace vfslock::impl::contract
