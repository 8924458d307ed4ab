// Proof of life: who holds is alive while the tenure exists, and dead once it does not (R22: never by a PID).
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

constexpr const char *no_life = "the store has no proof of life";
constexpr const char *no_end = "a proof of life cannot be taken from under its tenure here";

Life life(Site &site, const std::string &name) {
  const Look seen = site.look(name);
  REQUIRE(seen);
  return seen->life;
}

}  // namespace

CONTRACT_TEST("begin fills the tenure, and the holder is alive for every client", Site &site) {
  NEEDS(site.can.life, no_life);
  const Held held = site.create("k", record("a"));
  CHECK(held.tenure != nullptr);
  CHECK(life(site, "k") == Life::alive);
  CHECK(site.look(*site.open(), "k")->life == Life::alive);
  CHECK(site.look("k", Reading::hint)->life == Life::alive);
}

CONTRACT_TEST("a tenure that is destroyed leaves the object, dead", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  held.tenure.reset();
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(seen->life == Life::dead);
  CHECK(seen->version == held.version);
  CHECK(seen->bytes == held.bytes);
  CHECK(site.look(*site.open(), "k")->life == Life::dead);
}

CONTRACT_TEST("another program's object has nobody living", Site &site) {
  NEEDS(site.can.life, no_life);
  site.plant_at("k", "another program's");
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("begin is refused where somebody lives, even on the version that stands", Site &site) {
  NEEDS(site.can.life, no_life);
  const std::string bytes = record("a");
  const Held held = site.create("k", bytes);
  TenurePtr tenure;
  const auto answer = site.put("k", record("b"), held.version, Step::begin, tenure);
  REQUIRE(refused(answer));
  CHECK(tenure == nullptr);
  if (const auto &there = std::get<Refused>(*answer).there; there && *there) CHECK((*there)->life == Life::alive);
  site.stands("k", held.version, bytes);
  CHECK(life(site, "k") == Life::alive);
}

CONTRACT_TEST("begin on the version of the dead lands, and the new holder is alive", Site &site) {
  NEEDS(site.can.life, no_life);
  Held dead = site.create("k", record("a"));
  dead.tenure.reset();
  TenurePtr tenure;
  const std::string bytes = record("b");
  const auto answer = site.put("k", bytes, dead.version, Step::begin, tenure);
  REQUIRE(landed(answer));
  CHECK(tenure != nullptr);
  site.stands("k", std::get<Landed>(*answer).version, bytes);
  CHECK(life(site, "k") == Life::alive);
}

CONTRACT_TEST("seize lands whoever lives, and the new holder is alive", Site &site) {
  NEEDS(site.can.life, no_life);
  const Held robbed = site.create("k", record("a"));
  const Held thief = site.seize("k", robbed.version, record("b"));
  CHECK(thief.tenure != nullptr);
  CHECK(life(site, "k") == Life::alive);
}

CONTRACT_TEST("the end of a robbed tenure does not touch the thief's life", Site &site) {
  NEEDS(site.can.life, no_life);
  Held robbed = site.create("k", record("a"));
  Held thief = site.seize("k", robbed.version, record("b"));
  robbed.tenure.reset();
  CHECK(life(site, "k") == Life::alive);
  thief.tenure.reset();
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("a thief's death does not bring the robbed holder back to life", Site &site) {
  NEEDS(site.can.life, no_life);
  const Held robbed = site.create("k", record("a"));
  Held thief = site.seize("k", robbed.version, record("b"));
  thief.tenure.reset();
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("keep keeps the proof of life", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  for (int i = 0; i < 3; ++i) {
    site.keep("k", held, record("b", static_cast<std::size_t>(100 * i)));
    REQUIRE(held.tenure != nullptr);
    CHECK(life(site, "k") == Life::alive);
  }
  held.tenure.reset();
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("end takes the tenure, and the proof of life ends with the write", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  site.end("k", held, record("ended"));
  CHECK(held.tenure == nullptr);
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("seize on an ended record begins a life", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  site.end("k", held, record("ended"));
  const Held next = site.seize("k", held.version, record("b"));
  CHECK(next.tenure != nullptr);
  CHECK(life(site, "k") == Life::alive);
}

CONTRACT_TEST("seize from oneself replaces the tenure", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  const auto answer = site.put("k", record("b"), held.version, Step::seize, held.tenure);
  REQUIRE(landed(answer));
  REQUIRE(held.tenure != nullptr);
  CHECK(life(site, "k") == Life::alive);
  held.tenure.reset();
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("a refused keep or end leaves the tenure and the proof of life", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  const Version old = held.version;
  site.keep("k", held, record("b"));
  CHECK(refused(site.put("k", record("c"), old, Step::keep, held.tenure)));
  CHECK(refused(site.put("k", record("d"), old, Step::end, held.tenure)));
  CHECK(held.tenure != nullptr);
  CHECK(life(site, "k") == Life::alive);
  site.keep("k", held, record("e"));
}

CONTRACT_TEST("a refused create leaves the holder alive", Site &site) {
  NEEDS(site.can.life, no_life);
  const Held held = site.create("k", record("a"));
  {
    TenurePtr tenure;
    CHECK(refused(site.put("k", record("b"), IfAbsent{}, Step::begin, tenure)));
  }
  CHECK(life(site, "k") == Life::alive);
}

CONTRACT_TEST("looking does not look like a holder", Site &site) {
  NEEDS(site.can.life, no_life);
  Held dead = site.create("k", record("a"));
  dead.tenure.reset();
  const auto other = site.open();
  std::vector<std::function<void()>> lookers(4, [&] {
    for (int i = 0; i < 100; ++i) CHECK(site.look(*other, "k")->life == Life::dead);
  });
  together(lookers);
}

CONTRACT_TEST("keep with a proof of life that is gone says LOST and touches nothing", Site &site) {
  NEEDS(site.can.life, no_life);
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  NEEDS(site.end_life(site.key("k"), *held.tenure), no_end);
  CHECK(failed_as(site.put("k", record("b"), held.version, Step::keep, held.tenure), Status::LOST));
  site.stands("k", held.version, bytes);
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("end with a proof of life that is gone says LOST and touches nothing", Site &site) {
  NEEDS(site.can.life, no_life);
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  NEEDS(site.end_life(site.key("k"), *held.tenure), no_end);
  CHECK(failed_as(site.put("k", record("b"), held.version, Step::end, held.tenure), Status::LOST));
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("remove with a proof of life that is gone says LOST and touches nothing", Site &site) {
  NEEDS(site.can.life, no_life);
  NEEDS(site.gives().conditional_remove, "the store cannot remove on a condition");
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  NEEDS(site.end_life(site.key("k"), *held.tenure), no_end);
  const auto answer = site.remove("k", held.version, held.tenure);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().status == Status::LOST);
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("remove by who has no proof of life: LOST where somebody lives, done where nobody does", Site &site) {
  NEEDS(site.can.life, no_life);
  NEEDS(site.gives().conditional_remove, "the store cannot remove on a condition");
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  TenurePtr nobody;
  const auto alive = site.remove("k", held.version, nobody);
  REQUIRE_FALSE(alive);
  CHECK(alive.error().status == Status::LOST);
  site.stands("k", held.version, bytes);
  held.tenure.reset();
  const auto stale = site.remove("k", Version{"another"}, nobody);
  REQUIRE(stale);
  CHECK(std::holds_alternative<Refused>(*stale));
  const auto removed = site.remove("k", held.version, nobody);
  REQUIRE(removed);
  CHECK(std::holds_alternative<Done>(*removed));
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("who took over from a proof of life that is gone is not touched by its keep", Site &site) {
  NEEDS(site.can.life, no_life);
  Held gone = site.create("k", record("a"));
  NEEDS(site.end_life(site.key("k"), *gone.tenure), no_end);
  TenurePtr tenure;
  const std::string bytes = record("b");
  const auto next = site.put("k", bytes, gone.version, Step::begin, tenure);
  REQUIRE(landed(next));
  CHECK_FALSE(landed(site.put("k", record("c"), gone.version, Step::keep, gone.tenure)));
  gone.tenure.reset();
  site.stands("k", std::get<Landed>(*next).version, bytes);
  CHECK(life(site, "k") == Life::alive);
}

CONTRACT_TEST("a tenure outlives the client that began it", Site &site) {
  NEEDS(site.can.life, no_life);
  auto client = site.open();
  Held held = site.create(*client, "k", record("a"));
  client.reset();
  CHECK(life(site, "k") == Life::alive);
  held.tenure.reset();
  CHECK(life(site, "k") == Life::dead);
}

CONTRACT_TEST("an inherited descriptor is for a child, and its end does not end the holder's life", Site &site) {
  NEEDS(site.can.life, no_life);
  Held held = site.create("k", record("a"));
  auto fd = held.tenure->inherit();
  REQUIRE(fd);
  NEEDS(*fd >= 0, "nothing can be inherited");
  CHECK((fcntl(*fd, F_GETFD) & FD_CLOEXEC) == 0);
  CHECK(close(*fd) == 0);
  CHECK(life(site, "k") == Life::alive);
  site.keep("k", held, record("b"));
  site.release("k", held);
}

}  // namespace vfslock::impl::contract
