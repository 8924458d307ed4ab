// arm(): a hint wakes, and none armed before the look is lost.
#include <atomic>

#include <dirent.h>
#include <poll.h>

#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

constexpr const char *no_hints = "the store gives no hints";

using Hint = std::unique_ptr<Wakeup>;

// Whether news come within this time. -1: they must, however slow the machine is.
bool readable(Wakeup &hint, int wait_ms) {
  int fds[2];
  const std::size_t count = hint.descriptors(fds);
  REQUIRE(count > 0);
  pollfd wanted[2] = {};
  for (std::size_t i = 0; i < count; ++i) wanted[i] = {fds[i], POLLIN, 0};
  return poll(wanted, static_cast<nfds_t>(count), wait_ms < 0 ? 60'000 : wait_ms) > 0;
}

Hint armed(Site &site, const std::string &name) {
  Hint hint;
  site.store().arm(site.key(name), hint);
  REQUIRE(hint != nullptr);
  hint->drain();
  return hint;
}

// Waits as the core does: arm, drain, look, sleep. False: a hint was lost.
bool wait_for(Site &site, Store &by, const std::string &name, const std::function<bool(const Look &)> &wanted) {
  Hint hint;
  for (int looks = 0;; ++looks) {
    by.arm(site.key(name), hint);
    if (hint) hint->drain();
    if (wanted(site.look(by, name))) return true;
    if (!hint) continue;  // what was there is gone, and the next look shows it
    const auto again = hint->look_again();
    const int wait_ms = again ? static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*again).count()) : -1;
    if (!readable(*hint, wait_ms) && !again) return false;
  }
}

std::size_t open_descriptors() {
  DIR *folder = opendir("/proc/self/fd");
  REQUIRE(folder != nullptr);
  std::size_t count = 0;
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

}  // namespace

CONTRACT_TEST("a hint is silent while nothing changes", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  site.look("k");
  CHECK_FALSE(readable(*hint, 0));
}

CONTRACT_TEST("a release wakes", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  site.release("k", held);
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("a released record wakes", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  site.end("k", held, record("released"));
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("a holder's death wakes", Site &site) {
  NEEDS(site.can.hints, no_hints);
  NEEDS(site.can.life, "the store has no proof of life");
  Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  held.tenure.reset();
  CHECK(readable(*hint, -1));
  CHECK(wait_for(site, site.store(), "k", [](const Look &seen) { return seen && seen->life == Life::dead; }));
}

CONTRACT_TEST("a steal wakes", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  const Held thief = site.seize("k", held.version, record("b"));
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("a deletion from outside wakes", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  site.wipe_at("k");
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("a change between arm and sleep is not lost", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held held = site.create("k", record("a"));
  const Hint hint = armed(site, "k");
  REQUIRE(site.look("k"));
  site.release("k", held);
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("drain takes the news that have come", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held held = site.create("k", record("a"));
  Hint hint = armed(site, "k");
  site.release("k", held);
  REQUIRE(readable(*hint, -1));
  hint->drain();
  CHECK_FALSE(readable(*hint, 0));
  hint->drain();  // nothing there: must not block
}

CONTRACT_TEST("a hint that is armed again hears of the next object under the key", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held held = site.create("k", record("a"));
  Hint hint = armed(site, "k");
  Held thief = site.seize("k", held.version, record("b"));
  site.store().arm(site.key("k"), hint);
  REQUIRE(hint != nullptr);
  hint->drain();
  CHECK_FALSE(readable(*hint, 0));
  site.release("k", thief);
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("a hint that is armed for another key hears of that one", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held first = site.create("k1", record("a"));
  Held second = site.create("k2", record("a"));
  Hint hint = armed(site, "k1");
  site.store().arm(site.key("k2"), hint);
  REQUIRE(hint != nullptr);
  hint->drain();
  site.release("k1", first);
  CHECK_FALSE(readable(*hint, 0));
  site.release("k2", second);
  CHECK(readable(*hint, -1));
}

CONTRACT_TEST("a hint is for its own key", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const Held held = site.create("k1", record("a"));
  Held other = site.create("k2", record("b"));
  const Hint hint = armed(site, "k1");
  site.release("k2", other);
  CHECK_FALSE(readable(*hint, 0));
}

CONTRACT_TEST("every waiter is woken", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Held held = site.create("k", record("a"));
  std::vector<Hint> hints;
  for (int i = 0; i < 8; ++i) hints.push_back(armed(site, "k"));
  hints[3].reset();  // who leaves takes nothing from the others
  site.release("k", held);
  for (const Hint &hint : hints)
    if (hint) CHECK(readable(*hint, -1));
}

CONTRACT_TEST("arming where nothing stands does no harm", Site &site) {
  NEEDS(site.can.hints, no_hints);
  Hint hint;
  site.store().arm(site.key("k"), hint);
  if (hint) hint->drain();
  CHECK_FALSE(site.look("k"));
  const Held held = site.create("k", record("a"));
  site.store().arm(site.key("k"), hint);
  REQUIRE(hint != nullptr);
}

CONTRACT_TEST("a hint outlives its client", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const Held held = site.create("k", record("a"));
  Hint hint;
  {
    const auto client = site.open();
    client->arm(site.key("k"), hint);
    REQUIRE(hint != nullptr);
    hint->drain();
  }
  hint->drain();
  CHECK_FALSE(readable(*hint, 0));
}

CONTRACT_TEST("hints and tenures leave no descriptor behind", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const auto once = [&] {
    Held held = site.create("k", record("a"));
    Hint hint = armed(site, "k");
    site.look("k");
    Held thief = site.seize("k", held.version, record("b"));
    site.store().arm(site.key("k"), hint);
    site.release("k", thief);
    if (!site.gives().conditional_remove) site.wipe_at("k");
  };
  once();  // what a client opens once and keeps
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) once();
  CHECK(open_descriptors() == before);
}

CONTRACT_TEST("no waiter sleeps through a release", Site &site) {
  NEEDS(site.can.hints, no_hints);
  const auto waiter = site.open();
  for (int round = 0; round < 100; ++round) {
    Held held = site.create("k", record("a"));
    const Version taken = held.version;
    std::atomic<bool> woken{false};
    together({[&] { site.release("k", held); },
              [&] {
                woken = wait_for(site, *waiter, "k",
                                 [&](const Look &seen) { return !seen || seen->version != taken; });
              }});
    REQUIRE(woken);
    if (!site.gives().conditional_remove) site.wipe_at("k");
  }
}

CONTRACT_TEST("no waiter sleeps through a death", Site &site) {
  NEEDS(site.can.hints, no_hints);
  NEEDS(site.can.life, "the store has no proof of life");
  const auto waiter = site.open();
  for (int round = 0; round < 100; ++round) {
    Held held = site.create("k", record("a"));
    std::atomic<bool> woken{false};
    together({[&] { held.tenure.reset(); },
              [&] {
                woken = wait_for(site, *waiter, "k",
                                 [](const Look &seen) { return seen && seen->life == Life::dead; });
              }});
    REQUIRE(woken);
    site.wipe_at("k");
  }
}

}  // namespace vfslock::impl::contract
