// Processes that stop at a chosen system call while another acts. Contention alone does not show what these show: each
// of the guard, the re-check under it and its bytes has a case here that fails without it.
#include <doctest/doctest.h>

#include "storage/local/draft.hpp"
#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

// What the stopped process reports by its exit code.
enum Outcome { landed_ = 10, refused_ = 11, busy_ = 12, lost_ = 13, failed_ = 14, unknown_ = 15 };

int outcome(const Result<Put> &put) {
  if (put) return landed(put) ? landed_ : refused(put) ? refused_ : unknown_;
  return put.error().status == Status::UNAVAILABLE ? busy_ : put.error().status == Status::LOST ? lost_ : failed_;
}
int outcome(const Result<Removal> &removal) {
  if (removal) return done(removal) ? landed_ : refused(removal) ? refused_ : unknown_;
  return removal.error().status == Status::UNAVAILABLE ? busy_ : removal.error().status == Status::LOST ? lost_ : failed_;
}

// A process that does `act` and stops before the n-th call of this name; `prepare` runs before calls are counted.
struct Stopped {
  Stopped(std::string call, int nth, const std::function<int()> &act, const std::function<void()> &prepare = {})
      : child([=] {
          if (prepare) prepare();
          const OsCalls calls(signal_at(call, nth, SIGSTOP));
          return act();
        }) {
    REQUIRE(child.stopped());
  }
  int finish() {
    child.go_on();
    return child.wait();
  }
  Child child;
};

Call briefly() { return within(std::chrono::milliseconds(20)); }

// Both sites of a case: a disk and tmpfs.
void everywhere(const std::function<void(Site &)> &test) {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    REQUIRE(site.place.store->guarantee(soon()));
    test(site);
  }
}

Held create(Site &site, const std::string &bytes) {
  Held held;
  REQUIRE(landed(site.create(held, bytes)));
  return held;
}

}  // namespace

TEST_CASE("the bytes: a thief that judged v1 gives up when the holder renewed meanwhile (l3)") {
  everywhere([](Site &site) {
    Held held = create(site, "v1");
    Stopped thief("lock", 1, [&] {  // before it asks for the guard
      Held stolen;
      return outcome(site.put(stolen, "thief", held.version, Step::seize));
    });
    REQUIRE(landed(site.keep(held, "v2")));
    CHECK(thief.finish() == refused_);
    CHECK(content(site.path()) == "v2");
    CHECK(landed(site.keep(held, "v3")));
  });
}

TEST_CASE("the bytes: a look that was a mix of two writes takes nothing over") {
  everywhere([](Site &site) {
    // The looker saw the old state and the new id; now a fresh holder stands there.
    Held held = create(site, "id=1 state=released");
    REQUIRE(landed(site.end(held, "id=2 state=released")));
    Held fresh;
    REQUIRE(landed(site.put(fresh, "id=3 state=held    ", site.look()->version, Step::seize)));
    const struct stat st = stat_of(site.path());
    char mix[64];
    std::snprintf(mix, sizeof mix, "%llx:%llx:id=3 state=released", static_cast<unsigned long long>(st.st_dev),
                  static_cast<unsigned long long>(st.st_ino));
    Held other;
    CHECK(refused(site.put(other, "robber", Version{mix}, Step::seize)));
    CHECK(landed(site.keep(fresh, "id=4 state=held    ")));
  });
}

TEST_CASE("the inode: a thief that opened a record which was released writes nothing to it") {
  everywhere([](Site &site) {
    Held held = create(site, "v1");
    for (const Step step : {Step::begin, Step::seize}) {
      Stopped thief("lock", 1, [&] {
        Held stolen;
        return outcome(site.put(stolen, "thief", held.version, step));
      });
      REQUIRE(done(site.remove(held)));
      held = create(site, "v2");
      CHECK(thief.finish() == refused_);
      CHECK(content(site.path()) == "v2");
      CHECK(landed(site.keep(held, "v1")));
    }
  });
}

TEST_CASE("the inode: a holder that was robbed while it waited for its guard writes nothing") {
  everywhere([](Site &site) {
    Held held, thief;
    Stopped holder("lock", 1,
                   [&] { return outcome(site.keep(held, "renewed")); },
                   [&] { held.tenure.reset(); if (!landed(site.create(held, "v1"))) _exit(99); });
    REQUIRE(landed(site.put(thief, "thief", site.look()->version, Step::seize)));
    CHECK(holder.finish() == refused_);
    CHECK(content(site.path()) == "thief");
    CHECK(landed(site.keep(thief, "thief 2")));
  });
}

TEST_CASE("the guard of a renewal: nobody steals between its re-check and its write") {
  everywhere([](Site &site) {
    Held held, thief;
    Stopped holder("pwrite", 1,
                   [&] { return outcome(site.keep(held, "renewed")); },
                   [&] { if (!landed(site.create(held, "v1"))) _exit(99); });
    const Version judged = site.look()->version;
    CHECK(status(site.put(thief, "thief", judged, Step::seize, briefly())) == Status::UNAVAILABLE);
    CHECK(holder.finish() == landed_);
    CHECK(refused(site.put(thief, "thief", judged, Step::seize)));  // and afterwards it is another version
    CHECK(content(site.path()) == "renewed");
  });
}

TEST_CASE("the guard of a take-over: nobody steals between its re-check and its write") {
  everywhere([](Site &site) {
    Held held = create(site, "v1"), thief;
    const Version judged = held.version;
    held.tenure.reset();
    Stopped taker("pwrite", 1, [&] {
      Held mine;
      const int got = outcome(site.put(mine, "taker", judged, Step::begin));
      raise(SIGSTOP);
      return got;
    });
    for (const Step step : {Step::begin, Step::seize})
      CHECK(status(site.put(thief, "thief", judged, step, briefly())) == Status::UNAVAILABLE);
    taker.child.go_on();
    REQUIRE(taker.child.stopped());
    for (const Step step : {Step::begin, Step::seize}) CHECK(refused(site.put(thief, "thief", judged, step)));
    CHECK(content(site.path()) == "taker");
    CHECK(taker.finish() == landed_);
  });
}

TEST_CASE("the guard of a release: a thief's record is not deleted in its place (l4)") {
  everywhere([](Site &site) {
    Held held, thief, third;
    Stopped holder("unlinkat", 1,
                   [&] { return outcome(site.remove(held)); },
                   [&] { if (!landed(site.create(held, "v1"))) _exit(99); });
    const Version judged = site.look()->version;
    CHECK(status(site.put(thief, "thief", judged, Step::seize, briefly())) == Status::UNAVAILABLE);
    CHECK(holder.finish() == landed_);
    CHECK(refused(site.put(thief, "thief", judged, Step::seize)));
    CHECK(landed(site.create(third, "third")));
  });
}

TEST_CASE("the guard of a create: nobody takes the record before it has its token") {
  everywhere([](Site &site) {
    Stopped creator("pwrite", 2, [&] {
      Held mine;
      const int got = outcome(site.create(mine, "token 5"));
      raise(SIGSTOP);
      return got;
    });
    Look there = site.look();
    REQUIRE(there);
    CHECK(there->life == Life::alive);
    Held thief;
    CHECK(status(site.put(thief, "thief", there->version, Step::seize, briefly())) == Status::UNAVAILABLE);
    creator.child.go_on();
    REQUIRE(creator.child.stopped());
    CHECK(site.look()->life == Life::alive);
    CHECK(creator.finish() == landed_);
  });
}

TEST_CASE("the guard of a steal: two thieves on one lock, one wins; the robbed holder waits, then knows") {
  everywhere([](Site &site) {
    for (const char *call : {"linkat", "renameat"}) {
      CAPTURE(call);
      Held held = create(site, "v1"), second;
      const Version judged = held.version;
      Stopped first(call, 1, [&] {
        Held mine;
        const int got = outcome(site.put(mine, "first", judged, Step::seize));
        raise(SIGSTOP);
        return got;
      });
      CHECK(status(site.put(second, "second", judged, Step::seize, briefly())) == Status::UNAVAILABLE);
      CHECK(status(site.keep(held, "v2", briefly())) == Status::UNAVAILABLE);
      first.child.go_on();
      REQUIRE(first.child.stopped());
      CHECK(refused(site.put(second, "second", judged, Step::seize)));
      CHECK(refused(site.keep(held, "v2")));
      CHECK(refused(site.remove(held)));
      CHECK(content(site.path()) == "first");
      CHECK(site.folder.names().size() == 1);
      CHECK(first.finish() == landed_);
      std::filesystem::remove(site.path());
    }
  });
}

TEST_CASE("what a thief left that died before its rename goes with the next steal, take-over or late release") {
  everywhere([](Site &site) {
    const auto dying_thief = [&](const Version &judged) {
      Stopped thief("renameat", 1, [&] {
        Held mine;
        return outcome(site.put(mine, "thief", judged, Step::seize));
      });
      thief.child.kill(SIGKILL);
      CHECK(thief.child.wait() == -SIGKILL);
      CHECK(site.folder.names().size() == 2);
    };
    // No lease is shorter, so who releases within it need not look for thieves.
    const auto outlive_a_lease = [] {
      const BootTime late = boot_now() + std::chrono::milliseconds(1);
      while (boot_now() < late) continue;
    };
    Held held = create(site, "v1"), next;
    dying_thief(held.version);
    REQUIRE(landed(site.put(next, "next", held.version, Step::seize)));
    CHECK(site.folder.names().size() == 1);
    dying_thief(next.version);
    outlive_a_lease();
    CHECK(landed(site.keep(next, "next 2")));  // it was not robbed
    REQUIRE(landed(site.end(next, "released")));
    CHECK(site.folder.names().size() == 1);
    REQUIRE(landed(site.put(next, "next", site.look()->version, Step::seize)));
    dying_thief(next.version);
    outlive_a_lease();
    REQUIRE(done(site.remove(next)));
    CHECK(site.folder.names().empty());
    held = create(site, "v1");
    dying_thief(held.version);
    held.tenure.reset();
    REQUIRE(landed(site.put(next, "next", held.version, Step::begin)));
    CHECK(site.folder.names().size() == 1);
  });
}

TEST_CASE("a process that is killed inside the guard leaves it to the next at once") {
  everywhere([](Site &site) {
    Held held = create(site, "v1"), next;
    const Version judged = held.version;
    Stopped thief("renameat", 1, [&] {
      Held mine;
      return outcome(site.put(mine, "thief", judged, Step::seize));
    });
    thief.child.kill(SIGKILL);
    thief.child.wait();
    CHECK(landed(site.keep(held, "v2")));
  });
}

TEST_CASE("a steal that finds its name taken from outside has won nothing") {
  everywhere([](Site &site) {
    Held held = create(site, "v1"), thief;
    {
      const OsCalls calls(at_call("fstatat", 2, [&] {  // after the rename
        std::filesystem::remove(site.path());
        plant(site.path(), "from outside");
        return 0;
      }));
      CHECK(refused(site.put(thief, "thief", held.version, Step::seize)));
    }
    CHECK(thief.tenure == nullptr);
    CHECK(content(site.path()) == "from outside");
  });
}

TEST_CASE("the record that a look judges is read before its life is asked for") {
  everywhere([](Site &site) {
    // Dead when it was read, taken over before the kernel is asked: what was read is told as alive, never the new
    // holder's bytes as dead.
    Held held = create(site, "dead"), next;
    held.tenure.reset();
    const Version judged = held.version;
    Look there;
    {
      const OsCalls calls([&, done = false](std::string_view call) mutable {
        if (call == "lock" && !done) {
          done = true;
          const local::Os hooked = local::os;
          local::os = local::real_os;
          REQUIRE(landed(site.put(next, "next", judged, Step::begin)));
          local::os = hooked;
        }
        return 0;
      });
      there = site.look();
    }
    REQUIRE(there);
    CHECK(there->bytes == "dead");
    CHECK(there->life == Life::alive);
  });
}
