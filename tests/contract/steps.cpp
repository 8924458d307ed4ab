// What each Step means for the proof of life, over every store: those without one must still go through the steps.
#include "contract.hpp"

namespace vfslock::impl::contract {

CONTRACT_TEST("a tenure from begin through keep to end", Site &site) {
  Held held = site.create("k", record("begun"));
  const std::string kept = record("kept"), ended = record("ended");
  site.keep("k", held, kept);
  site.stands("k", held.version, kept);
  site.end("k", held, ended);
  site.stands("k", held.version, ended);
}

CONTRACT_TEST("after an end, begin on its version lands", Site &site) {
  Held held = site.create("k", record("a"));
  site.end("k", held, record("ended"));
  TenurePtr tenure;
  const std::string bytes = record("b");
  const auto answer = site.put("k", bytes, held.version, Step::begin, tenure);
  REQUIRE(landed(answer));
  site.stands("k", std::get<Landed>(*answer).version, bytes);
}

CONTRACT_TEST("a keep by another thread than the one that began", Site &site) {
  Held held = site.create("k", record("a"));
  const std::string bytes = record("b");
  together({[&] { site.keep("k", held, bytes); }});
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("one client holds many keys at once", Site &site) {
  std::vector<Held> all;
  for (int i = 0; i < 20; ++i) all.push_back(site.create("k" + std::to_string(i), record("a")));
  for (int i = 0; i < 20; ++i) site.keep("k" + std::to_string(i), all[static_cast<std::size_t>(i)], record("b"));
  for (int i = 0; i < 20; i += 2) site.release("k" + std::to_string(i), all[static_cast<std::size_t>(i)]);
  for (int i = 1; i < 20; i += 2) {
    const Held &held = all[static_cast<std::size_t>(i)];
    site.stands("k" + std::to_string(i), held.version, held.bytes);
  }
}

CONTRACT_TEST("who was seized from can keep, end and remove nothing", Site &site) {
  Held robbed = site.create("k", record("a"));
  const std::string bytes = record("b");
  const Held thief = site.seize("k", robbed.version, bytes);
  CHECK_FALSE(landed(site.put("k", record("kept"), robbed.version, Step::keep, robbed.tenure)));
  CHECK_FALSE(landed(site.put("k", record("ended"), robbed.version, Step::end, robbed.tenure)));
  if (site.gives().conditional_remove) CHECK_FALSE(done(site.remove("k", robbed.version, robbed.tenure)));
  site.stands("k", thief.version, bytes);
}

CONTRACT_TEST("who was seized from cannot write with the thief's version either, where life is proven", Site &site) {
  NEEDS(site.can.life, "the store has no proof of life");
  Held robbed = site.create("k", record("a"));
  const std::string bytes = record("b");
  const Held thief = site.seize("k", robbed.version, bytes);
  CHECK(failed_as(site.put("k", record("kept"), thief.version, Step::keep, robbed.tenure), Status::LOST));
  site.stands("k", thief.version, bytes);
  CHECK(site.look("k")->life == Life::alive);
}

CONTRACT_TEST("R7: who holds nothing may put a released record where nothing stands", Site &site) {
  TenurePtr tenure;
  const std::string bytes = record("poison");
  const auto answer = site.put("k", bytes, IfAbsent{}, Step::end, tenure);
  REQUIRE(landed(answer));
  CHECK(tenure == nullptr);
  site.stands("k", std::get<Landed>(*answer).version, bytes);
  if (site.can.life) CHECK(site.look("k")->life == Life::dead);
  TenurePtr late;
  CHECK(refused(site.put("k", record("ghost"), IfAbsent{}, Step::begin, late)));
}

CONTRACT_TEST("R13: who holds nothing may put a released record over whoever lives", Site &site) {
  Held holder = site.create("k", record("a"));
  TenurePtr tenure;
  const std::string bytes = record("broken");
  const auto answer = site.put("k", bytes, holder.version, Step::end, tenure);
  REQUIRE(landed(answer));
  CHECK(tenure == nullptr);
  const Version broken = std::get<Landed>(*answer).version;
  if (site.can.life) CHECK(site.look("k")->life == Life::dead);
  CHECK_FALSE(landed(site.put("k", record("b"), holder.version, Step::keep, holder.tenure)));
  if (site.can.life) CHECK_FALSE(landed(site.put("k", record("c"), broken, Step::keep, holder.tenure)));
  site.stands("k", broken, bytes);
  CHECK(landed(site.put("k", record("next"), broken, Step::begin, tenure)));
}

CONTRACT_TEST("R13: an end by who holds nothing is refused on an older version", Site &site) {
  Held holder = site.create("k", record("a"));
  const Version judged = holder.version;
  const std::string bytes = record("b");
  site.keep("k", holder, bytes);
  TenurePtr tenure;
  CHECK(refused(site.put("k", record("broken"), judged, Step::end, tenure)));
  site.stands("k", holder.version, bytes);
  if (site.can.life) CHECK(site.look("k")->life == Life::alive);
}

CONTRACT_TEST("where life is proven, keep and remove need the tenure", Site &site) {
  NEEDS(site.can.life, "the store has no proof of life");
  const std::string bytes = record("a");
  const Held holder = site.create("k", bytes);
  TenurePtr none;
  CHECK(failed_as(site.put("k", record("b"), holder.version, Step::keep, none), Status::LOST));
  if (site.gives().conditional_remove) CHECK_FALSE(done(site.remove("k", holder.version, none)));
  site.stands("k", holder.version, bytes);
  CHECK(site.look("k")->life == Life::alive);
}

CONTRACT_TEST("a store without proof of life says that it cannot tell, and refuses nobody for it", Site &site) {
  NEEDS(!site.can.life, "the store has a proof of life");
  const Held held = site.create("k", record("a"));
  CHECK(site.look("k")->life == Life::cannot_tell);
  TenurePtr tenure;
  CHECK(landed(site.put("k", record("b"), held.version, Step::begin, tenure)));
}

CONTRACT_TEST("inherit gives nothing, or an open descriptor that a child keeps", Site &site) {
  const Held held = site.create("k", record("a"));
  if (!held.tenure) return;  // nothing to inherit
  auto fd = held.tenure->inherit();
  REQUIRE(fd);
  CHECK(*fd >= -1);
}

}  // namespace vfslock::impl::contract
