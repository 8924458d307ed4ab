// Many at once: one winner, one chain of versions.
#include <algorithm>
#include <atomic>
#include <mutex>

#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

void create_race(Site &site, int count, int rounds) {
  for (int round = 0; round < site.rounds(rounds); ++round) {
    const std::string name = "k" + std::to_string(round);
    const Tally tally = race(site, count, [&](int i, Store &client, TenurePtr &tenure) {
      return site.put(client, name, record("racer " + std::to_string(i)), IfAbsent{}, Step::begin, tenure);
    });
    CHECK(tally.won <= 1);
    CHECK(tally.won + tally.unknown >= 1);
    CHECK(tally.failed == 0);
    CHECK(site.look(name));
  }
}

void replace_race(Site &site, int count, int rounds) {
  for (int round = 0; round < site.rounds(rounds); ++round) {
    const std::string name = "k" + std::to_string(round);
    const Held first = site.create(name, record("first"));
    const Tally tally = race(site, count, [&](int i, Store &client, TenurePtr &tenure) {
      return site.put(client, name, record("racer " + std::to_string(i)), first.version, Step::seize, tenure);
    });
    CHECK(tally.won <= 1);
    CHECK(tally.won + tally.unknown >= 1);
    CHECK(tally.failed == 0);
    CHECK(site.look(name)->version != first.version);
  }
}

}  // namespace

CONTRACT_TEST("of 16 creators one wins", Site &site) { create_race(site, 16, 20); }
CONTRACT_TEST("of 32 creators one wins", Site &site) { create_race(site, 32, 5); }
CONTRACT_TEST("of 64 creators one wins", Site &site) { create_race(site, 64, 3); }
CONTRACT_TEST("of 16 replacers of one version one wins", Site &site) { replace_race(site, 16, 20); }
CONTRACT_TEST("of 32 replacers of one version one wins", Site &site) { replace_race(site, 32, 5); }
CONTRACT_TEST("of 64 replacers of one version one wins", Site &site) { replace_race(site, 64, 3); }

CONTRACT_TEST("of 16 that take over from the dead one wins", Site &site) {
  for (int round = 0; round < site.rounds(20); ++round) {
    const std::string name = "k" + std::to_string(round);
    Held dead = site.create(name, record("dead"));
    dead.tenure.reset();
    const Tally tally = race(site, 16, [&](int i, Store &client, TenurePtr &tenure) {
      return site.put(client, name, record("heir " + std::to_string(i)), dead.version, Step::begin, tenure);
    });
    CHECK(tally.won <= 1);
    CHECK(tally.won + tally.unknown >= 1);
    CHECK(tally.failed == 0);
  }
}

CONTRACT_TEST("of 16 that take over a released record one wins", Site &site) {
  for (int round = 0; round < site.rounds(20); ++round) {
    const std::string name = "k" + std::to_string(round);
    Held last = site.create(name, record("last"));
    site.end(name, last, record("released"));
    const Tally tally = race(site, 16, [&](int i, Store &client, TenurePtr &tenure) {
      return site.put(client, name, record("next " + std::to_string(i)), last.version,
                      i % 2 ? Step::seize : Step::begin, tenure);
    });
    CHECK(tally.won <= 1);
    CHECK(tally.won + tally.unknown >= 1);
    CHECK(tally.failed == 0);
  }
}

CONTRACT_TEST("a thief and a renewal on one version: one lands", Site &site) {
  const auto thief = site.open();
  for (int round = 0; round < site.rounds(100); ++round) {
    const std::string name = "k" + std::to_string(round);
    Held holder = site.create(name, record("a"));
    const Version judged = holder.version;
    TenurePtr stolen;
    std::optional<Result<Put>> steal, renewal;
    together({[&] { steal = site.put(*thief, name, record("thief"), judged, Step::seize, stolen); },
              [&] { renewal = site.put(name, record("renewed"), judged, Step::keep, holder.tenure); }});
    CHECK(landed(*steal) != landed(*renewal));
    const auto &winner = std::get<Landed>(landed(*steal) ? **steal : **renewal);
    const Look seen = site.look(name);
    REQUIRE(seen);
    CHECK(seen->version == winner.version);
    CHECK(seen->bytes == winner.bytes);
    if (site.can.life) CHECK(seen->life == Life::alive);
  }
}

CONTRACT_TEST("a thief and a release on one version: one lands", Site &site) {
  const auto thief = site.open();
  for (int round = 0; round < site.rounds(100); ++round) {
    const std::string name = "k" + std::to_string(round);
    Held holder = site.create(name, record("a"));
    const Version judged = holder.version;
    TenurePtr stolen;
    std::optional<Result<Put>> steal;
    bool released = false;
    together({[&] { steal = site.put(*thief, name, record("thief"), judged, Step::seize, stolen); },
              [&] {
                released = site.gives().conditional_remove
                               ? done(site.remove(name, judged, holder.tenure))
                               : landed(site.put(name, record("released"), judged, Step::end, holder.tenure));
              }});
    CHECK(landed(*steal) != released);
    const Look seen = site.look(name);
    if (landed(*steal)) {
      REQUIRE(seen);
      CHECK(seen->version == std::get<Landed>(**steal).version);
      if (site.can.life) CHECK(seen->life == Life::alive);
    } else if (site.gives().conditional_remove) {
      CHECK_FALSE(seen);
    }
  }
}

CONTRACT_TEST("a release, a thief and a creator: one holder is left", Site &site) {
  NEEDS(site.gives().conditional_remove, "the store cannot remove on a condition");
  const auto one = site.open(), two = site.open();
  for (int round = 0; round < site.rounds(100); ++round) {
    const std::string name = "k" + std::to_string(round);
    Held holder = site.create(name, record("a"));
    const Version judged = holder.version;
    TenurePtr stolen, begun;
    std::optional<Result<Put>> steal, create;
    bool released = false;
    together({[&] { released = done(site.remove(name, judged, holder.tenure)); },
              [&] { steal = site.put(*one, name, record("thief"), judged, Step::seize, stolen); },
              [&] { create = site.put(*two, name, record("creator"), IfAbsent{}, Step::begin, begun); }});
    CHECK(landed(*steal) != released);
    if (landed(*create)) CHECK(released);
    const Look seen = site.look(name);
    REQUIRE(static_cast<bool>(seen) == (landed(*steal) || landed(*create)));
    if (landed(*create)) CHECK(seen->version == std::get<Landed>(**create).version);
  }
}

CONTRACT_TEST("one chain: each replace that landed stands on exactly one other", Site &site) {
  constexpr int clients = 8;
  const int steps = site.rounds(25);
  const Held root = site.create("k", "0");
  std::mutex mutex;
  std::vector<std::pair<std::string, std::string>> links;  // version replaced, version written
  std::vector<std::function<void()>> activities;
  for (int i = 0; i < clients; ++i)
    activities.push_back([&, client = site.open()] {
      for (int mine = 0; mine < steps && !given_up();) {
        const Look seen = site.look(*client, "k");
        TenurePtr tenure;
        const auto answer = site.put(*client, "k", std::to_string(std::stoi(seen->bytes) + 1), seen->version,
                                     Step::seize, tenure);
        REQUIRE((landed(answer) || refused(answer)));
        if (!landed(answer)) continue;
        ++mine;
        const std::lock_guard locked(mutex);
        links.emplace_back(seen->version.id, std::get<Landed>(*answer).version.id);
      }
    });
  together(activities);
  CHECK(std::stoi(site.look("k")->bytes) == clients * steps);
  REQUIRE(links.size() == clients * steps);
  std::vector<std::string> from, to;
  for (const auto &[replaced, written] : links) from.push_back(replaced), to.push_back(written);
  std::sort(from.begin(), from.end());
  std::sort(to.begin(), to.end());
  CHECK(std::adjacent_find(from.begin(), from.end()) == from.end());
  CHECK(std::adjacent_find(to.begin(), to.end()) == to.end());
}

CONTRACT_TEST("a lock made of begin and release counts right, and its times rise", Site &site) {
  constexpr int clients = 8;
  const int holds = site.rounds(25);
  // Read and written in two steps on purpose: the lock is what protects them. Atomic each, since a kernel's lock on a
  // file is no synchronisation that ThreadSanitizer knows.
  std::atomic<int> counter{0};
  std::atomic<std::int64_t> last_time{0};
  std::atomic<bool> ordered{true};
  std::vector<std::function<void()>> activities;
  for (int i = 0; i < clients; ++i)
    activities.push_back([&, client = site.open()] {
      for (int mine = 0; mine < holds && !given_up();) {
        TenurePtr tenure;
        std::int64_t time = 0;
        std::string bytes;
        const Write write = write_of([&](std::optional<std::int64_t> store_time) {
          time = store_time.value_or(0);
          return bytes = record("held");
        });
        const Look seen = site.look(*client, "k");
        if (seen && seen->bytes.find("released") == std::string::npos) continue;
        const Condition condition = seen ? Condition{seen->version} : Condition{IfAbsent{}};
        auto answer = client->put(site.key("k"), write, condition, Step::begin, tenure, Site::soon());
        REQUIRE((landed(answer) || refused(answer)));
        if (!landed(answer)) continue;
        counter.store(counter.load() + 1);
        ++mine;
        if (time <= last_time) ordered = false;
        last_time = time;
        const Version version = std::get<Landed>(*answer).version;
        if (site.gives().conditional_remove) {
          REQUIRE(done(client->remove(site.key("k"), version, tenure, Site::soon())));
        } else {
          REQUIRE(landed(site.put(*client, "k", record("released"), version, Step::end, tenure)));
        }
      }
    });
  site.gives();
  together(activities);
  CHECK(counter == clients * holds);
  if (site.gives().strict_tokens) CHECK(ordered);
}

CONTRACT_TEST("an exact read beside a writer is one of the writes, under its own version", Site &site) {
  constexpr int writes = 200;
  Held held = site.create("k", "0 0 0");
  std::mutex mutex;
  std::vector<std::pair<std::string, std::string>> states{{held.version.id, held.bytes}};
  std::vector<Seen> seen;
  const auto reader = site.open();
  bool over = false;
  together({[&] {
              for (int i = 1; i <= writes; ++i) {
                const std::string n = std::to_string(i), gap(static_cast<std::size_t>(i % 7) * 100, ' ');
                site.keep("k", held, n + gap + n + gap + n);
                const std::lock_guard locked(mutex);
                states.emplace_back(held.version.id, held.bytes);
              }
              const std::lock_guard locked(mutex);
              over = true;
            },
            [&] {
              for (bool end = false; !end && !given_up();) {
                const Look look = site.look(*reader, "k");
                REQUIRE(look);
                const std::lock_guard locked(mutex);
                seen.push_back(*look);
                end = over;
              }
            }});
  for (const Seen &look : seen) {
    const auto at = std::find_if(states.begin(), states.end(), [&](auto &s) { return s.first == look.version.id; });
    REQUIRE(at != states.end());
    CHECK(at->second == look.bytes);
  }
}

CONTRACT_TEST("a hint beside a writer is one of the writes, where writes are not made in place", Site &site) {
  NEEDS(!site.can.mixed_hints, "a hint may be a mix of two writes here");
  Held held = site.create("k", "0 0 0");
  const auto reader = site.open();
  std::vector<Seen> seen;
  std::atomic<bool> over{false};
  std::vector<std::pair<std::string, std::string>> states{{held.version.id, held.bytes}};
  together({[&] {
              for (int i = 1; i <= 200; ++i) {
                const std::string n = std::to_string(i);
                site.keep("k", held, n + " " + n + " " + n);
                states.emplace_back(held.version.id, held.bytes);
              }
              over = true;
            },
            [&] {
              while (!over && !given_up()) seen.push_back(*site.look(*reader, "k", Reading::hint));
            }});
  for (const Seen &look : seen) {
    const auto at = std::find_if(states.begin(), states.end(), [&](auto &s) { return s.first == look.version.id; });
    REQUIRE(at != states.end());
    CHECK(at->second == look.bytes);
  }
}

CONTRACT_TEST("one client serves many threads on many keys", Site &site) {
  std::vector<std::function<void()>> activities;
  site.gives();
  for (int i = 0; i < 16; ++i)
    activities.push_back([&, name = "k" + std::to_string(i)] {
      for (int round = 0; round < 10; ++round) {
        Held held = site.create(name, record("a"));
        const std::string bytes = record("b");
        site.keep(name, held, bytes);
        site.stands(name, held.version, bytes);
        site.release(name, held);
        if (!site.gives().conditional_remove) site.wipe_at(name);
      }
    });
  together(activities);
}

}  // namespace vfslock::impl::contract
