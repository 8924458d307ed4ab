// RELIABILITY §4.3 "renew" and "release".
#include <doctest/doctest.h>

#include <algorithm>

#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

TEST_CASE("renew: one write in place, at least as long; the proof of life stays") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held;
    REQUIRE(landed(site.create(held, "a first record")));
    const ino_t before = stat_of(site.path()).st_ino;
    int writes = 0;
    {
      const OsCalls calls([&](std::string_view call) {
        writes += call == "pwrite";
        return 0;
      });
      REQUIRE(landed(site.keep(held, "a second")));
    }
    CHECK(writes == 1);
    CHECK(content(site.path()) == "a second      ");
    REQUIRE(landed(site.keep(held, "a third, longer record")));
    CHECK(content(site.path()) == "a third, longer record");
    CHECK(stat_of(site.path()).st_ino == before);
    CHECK(is_locked(site.path(), 0));
    CHECK_FALSE(is_locked(site.path(), 1));
    CHECK(site.look()->version == held.version);
  }
}

TEST_CASE("renew: refused when the record changed, was removed, or another inode has the name") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "mine")));
  plant(site.path(), "thine");
  auto put = site.keep(held, "mine 2");
  REQUIRE(refused(put));
  CHECK((*std::get<Refused>(*put).there)->bytes == "thine");
  CHECK(content(site.path()) == "thine");

  std::filesystem::remove(site.path());  // F12, F27
  put = site.keep(held, "mine 2");
  REQUIRE(refused(put));
  REQUIRE(std::get<Refused>(*put).there);
  CHECK_FALSE(*std::get<Refused>(*put).there);
  CHECK(site.folder.names().empty());
  CHECK(refused(site.remove(held)));
  CHECK(refused(site.end(held, "released")));
  plant(site.path(), "another's");
  CHECK(refused(site.keep(held, "mine 2")));
  CHECK(refused(site.remove(held)));
  CHECK(content(site.path()) == "another's");
}

TEST_CASE("renew: nothing is written at or after the deadline, checked again under the guard") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "mine")));
  CHECK(status(site.keep(held, "late", within(Duration(0)))) == Status::UNAVAILABLE);
  CHECK(content(site.path()) == "mine");
  // The time runs out between the guard and the write.
  const Call call = within(std::chrono::milliseconds(30));
  {
    const OsCalls calls(at_call("pread", 1, [&] {
      while (boot_now() < call.deadline) continue;
      return 0;
    }));
    CHECK(status(site.keep(held, "late", call)) == Status::UNAVAILABLE);
  }
  CHECK(content(site.path()) == "mine");
  CHECK(landed(site.keep(held, "in time")));
}

TEST_CASE("l5: a busy guard is waited for until the deadline or a cancellation, and then nothing was touched") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held, other;
    REQUIRE(landed(site.create(held, "mine")));
    {
      const Blocker guard(site.path(), 1);
      const Call call = within(std::chrono::milliseconds(20));
      CHECK(status(site.keep(held, "mine 2", call)) == Status::UNAVAILABLE);
      CHECK(boot_now() >= call.deadline);
      CHECK(status(site.put(other, "thief", held.version, Step::seize, within(std::chrono::milliseconds(5)))) ==
            Status::UNAVAILABLE);
      CHECK(status(site.place.store->get(site.place.key, Reading::exact, within(std::chrono::milliseconds(5)))) ==
            Status::UNAVAILABLE);
      CHECK(site.look()->bytes == "mine");  // a look takes no guard
      Cancel cancel;
      cancel.trigger();
      CHECK(status(site.keep(held, "mine 2", Call{never, &cancel})) == Status::CANCELLED);
    }
    CHECK(content(site.path()) == "mine");
    CHECK(landed(site.keep(held, "mine 2")));
  }
}

TEST_CASE("release: the record goes, both bytes are unlocked explicitly, under the guard") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held;
    REQUIRE(landed(site.create(held, "mine")));
    const int copy = *held.tenure->inherit();  // as a child has it
    const int watcher = ::open(site.path().c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(done(site.remove(held)));
    CHECK(held.tenure == nullptr);
    CHECK_FALSE(exists(site.path()));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_len = 2;
    CHECK(::fcntl(watcher, F_OFD_SETLK, &lock) == 0);  // although the copy is open
    ::close(watcher);
    ::close(copy);
  }
}

TEST_CASE("release in keep mode: the released record stands, and nobody lives there") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "a long held record")));
  const int copy = *held.tenure->inherit();
  REQUIRE(landed(site.end(held, "released")));
  CHECK(held.tenure == nullptr);
  CHECK(content(site.path()).substr(0, 9) == "released ");
  CHECK(site.look()->life == Life::dead);
  CHECK_FALSE(is_locked(site.path(), 1));
  CHECK(site.look()->version == held.version);
  ::close(copy);
}

TEST_CASE("release: the guard not to be had: the proof of life goes, the waiters hear of it, and it may be repeated") {
  for (const bool keep : {false, true}) {
    Site site(bases()[0]);
    Held held;
    REQUIRE(landed(site.create(held, "mine")));
    std::vector<std::string> calls_seen;
    {
      const Blocker guard(site.path(), 1);
      const OsCalls calls([&](std::string_view call) {
        calls_seen.emplace_back(call);
        return 0;
      });
      const Call call = within(std::chrono::milliseconds(5));
      CHECK((keep ? status(site.end(held, "released", call)) : status(site.remove(held, call))) == Status::UNAVAILABLE);
    }
    CHECK(std::count(calls_seen.begin(), calls_seen.end(), "futimens") == 1);
    CHECK(site.look()->life == Life::dead);
    CHECK(content(site.path()) == "mine");
    REQUIRE(held.tenure);
    CHECK(status(site.keep(held, "never again")) == Status::LOST);
    CHECK(status(held.tenure->inherit()) == Status::LOST);
    if (keep) {
      CHECK(landed(site.end(held, "released")));
    } else {
      CHECK(done(site.remove(held)));
    }
    CHECK(held.tenure == nullptr);
  }
}

TEST_CASE("release: begun, let go and taken by another: the other's record stays") {
  Site site(bases()[0]);
  Held held, next;
  REQUIRE(landed(site.create(held, "mine")));
  {
    const Blocker guard(site.path(), 1);
    CHECK(status(site.remove(held, within(std::chrono::milliseconds(5)))) == Status::UNAVAILABLE);
  }
  REQUIRE(landed(site.put(next, "next", held.version, Step::begin)));
  CHECK(refused(site.remove(held)));
  held.tenure.reset();
  CHECK(site.look()->life == Life::alive);
  CHECK(landed(site.keep(next, "next 2")));
}

TEST_CASE("the tenure alone proves life: without it the record stands and is dead, and nothing keeps it") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "mine")));
  held.tenure.reset();
  CHECK(site.look()->life == Life::dead);
  CHECK(content(site.path()) == "mine");
  CHECK(status(site.keep(held, "mine 2")) == Status::LOST);
}

TEST_CASE("inherit: a copy keeps the proof of life; afterwards the guard is taken through a description of its own") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held;
    REQUIRE(landed(site.create(held, "mine")));
    const auto copy = held.tenure->inherit();
    REQUIRE(copy);
    CHECK((::fcntl(*copy, F_GETFD) & FD_CLOEXEC) == 0);
    CHECK(*copy >= 3);
    // Under the guard, the copy's description must not have it: through that one it could be locked again.
    bool locked_through_copy = true;
    {
      const OsCalls calls(at_call("pwrite", 1, [&] {
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_start = 1;
        lock.l_len = 1;
        locked_through_copy = ::fcntl(*copy, F_OFD_SETLK, &lock) == 0;
        return 0;
      }));
      REQUIRE(landed(site.keep(held, "mine 2")));
    }
    CHECK_FALSE(locked_through_copy);
    held.tenure.reset();
    // Let go explicitly, which takes the lock from the copy too.
    CHECK(site.look()->life == Life::dead);
    ::close(*copy);
  }
}

TEST_CASE("inherit: lost where another record has the name") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "mine")));
  std::filesystem::remove(site.path());
  CHECK(status(held.tenure->inherit()) == Status::LOST);
  plant(site.path(), "another's");
  CHECK(status(held.tenure->inherit()) == Status::LOST);
}
