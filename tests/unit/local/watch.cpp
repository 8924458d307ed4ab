// RELIABILITY §4.3 "wait": inotify hints of local locks.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <thread>

#include <poll.h>

#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

using Hint = std::unique_ptr<Wakeup>;

// Whether news come within this time; long stands for "they must".
constexpr int at_once = 0, long_enough = 60'000;
bool readable(Wakeup &hint, int wait_ms) {
  int fds[2];
  const std::size_t count = hint.descriptors(fds);
  pollfd wanted[2] = {};
  for (std::size_t i = 0; i < count; ++i) wanted[i] = {fds[i], POLLIN, 0};
  return poll(wanted, static_cast<nfds_t>(count), wait_ms) > 0;
}

Hint armed(Site &site) {
  Hint hint;
  site.place.store->arm(site.place.key, hint);
  REQUIRE(hint);
  hint->drain();
  return hint;
}

}  // namespace

TEST_CASE("a holder's SIGKILL wakes, and the byte is looked for again 30, 100 and 300 µs after it") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Child holder([&] {
      Held held;
      if (!landed(site.create(held, "held"))) return 1;
      raise(SIGSTOP);
      return 0;
    });
    REQUIRE(holder.stopped());
    const Hint hint = armed(site);
    CHECK_FALSE(hint->look_again());
    CHECK_FALSE(readable(*hint, at_once));
    holder.kill(SIGKILL);
    REQUIRE(readable(*hint, long_enough));
    hint->drain();
    CHECK(hint->look_again() == std::chrono::microseconds(30));
    CHECK(hint->look_again() == std::chrono::microseconds(100));
    CHECK(hint->look_again() == std::chrono::microseconds(300));
    CHECK_FALSE(hint->look_again());
    holder.wait();
    CHECK(site.look()->life == Life::dead);
  }
}

TEST_CASE("letting go without a close wakes too: a child has the descriptor, or the guard is not to be had") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    for (const bool destroyed : {true, false}) {
      Site site(base);
      Held held;
      REQUIRE(landed(site.create(held, "held")));
      const int copy = *held.tenure->inherit();
      const Hint hint = armed(site);
      if (destroyed) {
        held.tenure.reset();
      } else {
        const Blocker guard(site.path(), 1);
        // The blocker's own close would wake: the news must be there before it.
        CHECK(status(site.remove(held, within(std::chrono::milliseconds(2)))) == Status::UNAVAILABLE);
        CHECK(readable(*hint, at_once));
      }
      CHECK(readable(*hint, long_enough));
      ::close(copy);
    }
  }
}

TEST_CASE("looks wake nobody, so idle waiters leave each other in peace") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held;
    REQUIRE(landed(site.create(held, "held")));
    const Hint first = armed(site), second = armed(site);
    for (int i = 0; i < 3; ++i) {
      site.look();
      site.look(Reading::exact);
      Hint third = armed(site);
    }
    CHECK_FALSE(readable(*first, at_once));
    CHECK_FALSE(readable(*second, at_once));
  }
}

TEST_CASE("the leader's leaving makes another one sleep on the instance") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "held")));
  Hint leader = armed(site), follower = armed(site);
  int fds[2];
  CHECK(leader->descriptors(fds) == 2);
  CHECK(follower->descriptors(fds) == 1);
  leader.reset();
  CHECK(poll(std::array<pollfd, 1>{pollfd{fds[0], POLLIN, 0}}.data(), 1, at_once) == 1);  // it wakes for that
  follower->drain();
  CHECK(follower->descriptors(fds) == 2);
  Hint third = armed(site);
  CHECK(third->descriptors(fds) == 1);
  // A leader that is busy with its caller is replaced by who goes to sleep next.
  follower->drain();
  CHECK(third->descriptors(fds) == 2);
  CHECK(follower->descriptors(fds) == 1);
}

TEST_CASE("no wake-up is lost among threads that wait for one lock and for others, without polling") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Folder folder(base);
    std::atomic<int> lost{0}, taken{0};
    const auto contend = [&](const std::string &name, int rounds) {
      const Place place = open_at(folder.at(name));
      Hint hint;
      for (int i = 0; i < rounds;) {
        TenurePtr tenure;
        auto put = place.store->put(place.key, text("a"), IfAbsent{}, Step::begin, tenure, soon());
        if (landed(put)) {
          ++i;
          ++taken;
          std::this_thread::yield();
          (void)place.store->remove(place.key, std::get<Landed>(*put).version, tenure, soon());
          continue;
        }
        place.store->arm(place.key, hint);
        if (!hint) continue;
        hint->drain();
        auto there = place.store->get(place.key, Reading::hint, soon());
        if (!there || !*there || (*there)->life != Life::alive) continue;
        if (!readable(*hint, long_enough)) ++lost;
      }
    };
    std::vector<std::thread> threads;
    for (const char *name : {"one", "one", "one", "two", "two", "three"})
      threads.emplace_back([&, name] { contend(name, 300); });
    for (auto &thread : threads) thread.join();
    CHECK(lost == 0);
    CHECK(taken == 1800);
    CHECK(folder.names().empty());
  }
}

TEST_CASE("where inotify is not to be had there is no hint, and no descriptor left") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "held")));
  { const Hint once = armed(site); }  // the process's instance
  const std::size_t before = open_descriptors();
  for (const char *call : {"eventfd", "inotify_add_watch", "openat"})
    for (const int error_number : {EMFILE, ENOSPC, ENOENT}) {
      CAPTURE(call);
      const OsCalls calls([&](std::string_view name) { return name == call ? error_number : 0; });
      Hint hint;
      site.place.store->arm(site.place.key, hint);
      CHECK_FALSE(hint);
    }
  CHECK(open_descriptors() == before);
  Child child([&] {  // which has no instance yet
    const OsCalls calls([](std::string_view name) { return name == "inotify_init1" ? EMFILE : 0; });
    Hint hint;
    site.place.store->arm(site.place.key, hint);
    return hint ? 1 : 0;
  });
  CHECK(child.wait() == 0);
  CHECK(armed(site));
}

TEST_CASE("F35: a program that closes the instance, and has a file of its own there, gets hints again") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "held")));
  Child child([&] {
    Hint hint = armed(site);
    int fds[2];
    if (hint->descriptors(fds) != 2) return 1;
    const int own = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (own < 0 || ::dup2(own, fds[1]) < 0) return 2;
    Hint next;
    site.place.store->arm(site.place.key, next);
    if (!next) return 3;
    site.place.store->arm(site.place.key, hint);  // whose watch went with the instance
    if (!hint) return 4;
    return ::fcntl(fds[1], F_GETFD) < 0 ? 5 : 0;
  });
  CHECK(child.wait() == 0);
}

TEST_CASE("F13: a child takes no news from its parent, and waits by itself") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "held")));
  Hint hint = armed(site);
  int ready[2];
  REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
  Child child([&] {
    hint.reset();  // a copy of the parent's: nothing happens
    Hint mine;
    site.place.store->arm(site.place.key, mine);
    if (!mine) return 1;
    mine->drain();
    const char byte = 'r';
    if (::write(ready[1], &byte, 1) != 1) return 2;
    if (!readable(*mine, long_enough)) return 3;
    mine->drain();
    return 0;
  });
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  ::close(ready[0]);
  ::close(ready[1]);
  REQUIRE(done(site.remove(held)));
  CHECK(child.wait() == 0);
  CHECK(readable(*hint, long_enough));
}
