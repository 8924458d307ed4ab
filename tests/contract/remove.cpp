#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

constexpr const char *no_removal = "the store cannot remove on a condition";

}  // namespace

CONTRACT_TEST("a removal of the version that stands leaves nothing and takes the tenure", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held held = site.create("k", record("a"));
  CHECK(done(site.remove("k", held.version, held.tenure)));
  CHECK(held.tenure == nullptr);
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("a removal of the version after a renewal", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held held = site.create("k", record("a"));
  site.keep("k", held, record("b"));
  CHECK(done(site.remove("k", held.version, held.tenure)));
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("a removal of an older version is refused and changes nothing", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held held = site.create("k", record("a"));
  const Version old = held.version;
  const std::string bytes = record("b");
  site.keep("k", held, bytes);
  CHECK(refused(site.remove("k", old, held.tenure)));
  site.stands("k", held.version, bytes);
  if (site.can.life) CHECK(site.look("k")->life == Life::alive);
}

CONTRACT_TEST("F01: a late removal takes nothing from who came after", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held late = site.create("k", record("a"));
  const std::string bytes = record("b");
  const Held next = site.seize("k", late.version, bytes);
  CHECK_FALSE(done(site.remove("k", late.version, late.tenure)));
  site.stands("k", next.version, bytes);
}

CONTRACT_TEST("F01: a late removal takes nothing from who came after a deletion", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held late = site.create("k", record("a"));
  site.wipe_at("k");
  const std::string bytes = record("b");
  const Held next = site.create("k", bytes);
  CHECK_FALSE(done(site.remove("k", late.version, late.tenure)));
  site.stands("k", next.version, bytes);
  if (site.can.life) CHECK(site.look("k")->life == Life::alive);
}

CONTRACT_TEST("a removal where nothing stands is no success", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held held = site.create("k", record("a"));
  site.wipe_at("k");
  CHECK_FALSE(done(site.remove("k", held.version, held.tenure)));
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("a second removal is no success", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held held = site.create("k", record("a"));
  REQUIRE(done(site.remove("k", held.version, held.tenure)));
  const std::string bytes = record("b");
  const Held next = site.create("k", bytes);
  CHECK_FALSE(done(site.remove("k", held.version, held.tenure)));
  site.stands("k", next.version, bytes);
}

CONTRACT_TEST("a removal takes only its own key", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  Held held = site.create("k1", record("a"));
  const std::string bytes = record("b");
  const Held other = site.create("k2", bytes);
  site.remove("k1", held);
  site.stands("k2", other.version, bytes);
}

CONTRACT_TEST("a key that was removed is free: create, remove, twenty times", Site &site) {
  NEEDS(site.gives().conditional_remove, no_removal);
  for (int i = 0; i < 20; ++i) {
    Held held = site.create("k", record("a"));
    site.remove("k", held);
    CHECK_FALSE(site.look("k"));
  }
}

CONTRACT_TEST("a store that cannot compare on removal refuses to remove at all", Site &site) {
  NEEDS(!site.gives().conditional_remove, "the store removes on a condition");
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  const auto answer = site.remove("k", held.version, held.tenure);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().status == Status::UNSUPPORTED);
  site.stands("k", held.version, bytes);
  if (site.can.life) CHECK(site.look("k")->life == Life::alive);
}

}  // namespace vfslock::impl::contract
