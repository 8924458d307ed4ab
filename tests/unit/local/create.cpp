// RELIABILITY §4.3 "create": locks and content before the name, the token after it.
#include <doctest/doctest.h>

#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

TEST_CASE("create: the name appears with both locks and a whole record, the time comes after it, in place") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    std::vector<std::string> steps;
    Held held;
    const Write write{1, std::string(32, '0'), [&](std::optional<std::int64_t> time) -> std::string {
                        steps.push_back(time ? "time" : "no time");
                        if (!time) return "token 0";
                        CHECK(exists(site.path()));
                        CHECK(is_locked(site.path(), 0));
                        CHECK(is_locked(site.path(), 1));
                        CHECK(content(site.path()) == "token 0");
                        return "token " + std::to_string(*time);
                      }};
    {
      const OsCalls calls([&](std::string_view call) {
        steps.emplace_back(call);
        return 0;
      });
      const auto before = wall_now();
      auto put = site.place.store->put(site.place.key, write, IfAbsent{}, Step::begin, held.tenure, soon());
      REQUIRE(landed(put));
      const Landed &stands = std::get<Landed>(*put);
      held.version = stands.version;
      CHECK(stands.bytes == content(site.path()));
      const auto time = std::stoll(stands.bytes.substr(6));
      CHECK(time >= std::chrono::duration_cast<std::chrono::microseconds>(before.time_since_epoch()).count());
    }
    const auto at = [&](const std::string &step) {
      return std::find(steps.begin(), steps.end(), step) - steps.begin();
    };
    CHECK(at("linkat") < at("time"));
    CHECK(at("lock") < at("linkat"));
    CHECK(is_locked(site.path(), 0));
    CHECK_FALSE(is_locked(site.path(), 1));
    CHECK((stat_of(site.path()).st_mode & 07777) == 0600);
    CHECK(done(site.remove(held)));
    CHECK(held.tenure == nullptr);
    CHECK(site.folder.names().empty());
  }
}

TEST_CASE("create: a refusal shows what is there, after one open of nothing more") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held, other;
    REQUIRE(landed(site.create(held, "first")));
    auto put = site.create(other, "second");
    REQUIRE(refused(put));
    const auto &there = std::get<Refused>(*put).there;
    REQUIRE(there);
    REQUIRE(*there);
    CHECK((*there)->bytes == "first");
    CHECK((*there)->version == held.version);
    CHECK((*there)->life == Life::alive);
    CHECK(other.tenure == nullptr);
  }
}

TEST_CASE("create: whoever comes first between look and link wins, and a released one in between is free again") {
  Site site(bases()[0]);
  Held first, held;
  {
    const OsCalls calls(at_call("linkat", 1, [&] {
      local::Os hooked = local::os;
      local::os = local::real_os;
      CHECK(landed(site.create(first, "first")));
      local::os = hooked;
      return 0;
    }));
    CHECK(refused(site.create(held, "second")));
  }
  CHECK(site.folder.names().size() == 1);
  REQUIRE(done(site.remove(first)));

  Held again;
  int looks = 0;
  const OsCalls calls([&](std::string_view call) {
    if (call == "linkat" && looks++ == 0) return EEXIST;
    return 0;
  });
  CHECK(landed(site.create(again, "third")));
}

TEST_CASE("create: nothing is written at or after the deadline, or once cancelled") {
  Site site(bases()[0]);
  Held held;
  CHECK(status(site.create(held, "a", within(Duration(0)))) == Status::UNAVAILABLE);
  Cancel cancel;
  cancel.trigger();
  CHECK(status(site.create(held, "a", Call{never, &cancel})) == Status::CANCELLED);
  CHECK(held.tenure == nullptr);
  CHECK(site.folder.names().empty());
}

TEST_CASE("create: what fails after landing takes the name back") {
  for (const int error_number : {ENOSPC, EDQUOT, EFBIG}) {
    Site site(bases()[0]);
    Held held;
    const OsCalls calls(fail_at("pwrite", 2, error_number));
    CHECK(status(site.create(held, "a")) == Status::NO_SPACE);
    CHECK(held.tenure == nullptr);
    CHECK(site.folder.names().empty());
  }
  Site site(bases()[0]);
  Held held;
  const Write throwing{1, std::string(32, '0'), [](std::optional<std::int64_t> time) -> std::string {
                         if (time) throw std::bad_alloc();
                         return "a";
                       }};
  CHECK_THROWS_AS(
      (void)site.place.store->put(site.place.key, throwing, IfAbsent{}, Step::begin, held.tenure, soon()), std::bad_alloc);
  CHECK(site.folder.names().empty());
}

TEST_CASE("create: an answer that nobody knows leaves the tenure with the caller") {
  Site site(bases()[0]);
  Held held;
  {
    // The second write fails with an I/O error, and the name cannot be taken back.
    const OsCalls calls([n = 0](std::string_view call) mutable {
      if (call == "pwrite" && ++n >= 2) return EIO;
      return call == "unlinkat" ? EIO : 0;
    });
    auto put = site.create(held, "a");
    REQUIRE(put);
    CHECK(std::holds_alternative<Unknown>(*put));
  }
  REQUIRE(held.tenure);
  CHECK(site.look()->life == Life::alive);
  held.tenure.reset();
  CHECK(site.look()->life == Life::dead);
}
