// RELIABILITY §4.3 "take over" and "steal": the guard, all bytes compared again, byte 0 decides.
#include <doctest/doctest.h>

#include "storage/local/draft.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

ino_t inode_of(const Site &site) { return stat_of(site.path()).st_ino; }

// A record whose holder died.
Held dead(Site &site, const std::string &bytes = "dead") {
  Held held;
  REQUIRE(landed(site.create(held, bytes)));
  held.tenure.reset();
  REQUIRE(site.look()->life == Life::dead);
  return held;
}

}  // namespace

TEST_CASE("take over: a dead holder's record is written in place, padded and never shorter") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held = dead(site, "a longer record of the dead");
    const ino_t before = inode_of(site);
    auto put = site.put(held, "short", held.version, Step::begin);
    REQUIRE(landed(put));
    CHECK(inode_of(site) == before);
    CHECK(content(site.path()) == "short" + std::string(22, ' '));
    CHECK(std::get<Landed>(*put).bytes == content(site.path()));
    CHECK(site.look()->version == held.version);
    CHECK(site.look()->life == Life::alive);
    CHECK_FALSE(is_locked(site.path(), 1));
    CHECK(done(site.remove(held)));
  }
}

TEST_CASE("take over: refused where somebody lives, with what was read under the guard") {
  Site site(bases()[0]);
  Held held, other;
  REQUIRE(landed(site.create(held, "alive")));
  auto put = site.put(other, "thief", held.version, Step::begin);
  REQUIRE(refused(put));
  CHECK((*std::get<Refused>(*put).there)->life == Life::alive);
  CHECK(content(site.path()) == "alive");
  CHECK(landed(site.keep(held, "alive still")));
}

TEST_CASE("take over: any other byte refuses, and so does another inode or none") {
  Site site(bases()[0]);
  Held held = dead(site), other;
  const Version judged = held.version;
  plant(site.path(), "deaf");  // the same inode and length
  CHECK(refused(site.put(other, "thief", judged, Step::begin)));
  CHECK(refused(site.put(other, "thief", judged, Step::seize)));
  CHECK(content(site.path()) == "deaf");
  plant(site.folder.at("beside"), "dead");  // the same bytes, another inode
  std::filesystem::remove(site.path());
  auto put = site.put(other, "thief", judged, Step::seize);
  REQUIRE(refused(put));
  CHECK_FALSE(*std::get<Refused>(*put).there);
  std::filesystem::rename(site.folder.at("beside"), site.path());
  CHECK(refused(site.put(other, "thief", judged, Step::begin)));
}

TEST_CASE("seize: a living holder's inode is replaced; the robbed one learns it and touches nothing") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held robbed, thief;
    REQUIRE(landed(site.create(robbed, "robbed")));
    const ino_t before = inode_of(site);
    auto put = site.put(thief, "thief", robbed.version, Step::seize);
    REQUIRE(landed(put));
    CHECK(inode_of(site) != before);
    CHECK(content(site.path()) == "thief");
    CHECK(site.look()->life == Life::alive);
    CHECK(site.folder.names().size() == 1);  // no temporary

    auto kept = site.keep(robbed, "robbed again");
    REQUIRE(refused(kept));
    CHECK((*std::get<Refused>(*kept).there)->bytes == "thief");
    CHECK(refused(site.remove(robbed)));
    CHECK(robbed.tenure);  // its proof of life is its own to let go
    CHECK(content(site.path()) == "thief");
    CHECK(landed(site.keep(thief, "thief 2")));
    CHECK(done(site.remove(thief)));
  }
}

TEST_CASE("seize: a second thief waits until the first has seen that its rename landed") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held robbed, first, second;
    REQUIRE(landed(site.create(robbed, "robbed")));
    std::optional<Result<Put>> second_put;
    bool renamed = false;
    Result<Put> first_put = [&] {
      const OsCalls calls([&](std::string_view call) {
        if (call == "renameat") {
          renamed = true;
        } else if (renamed && !second_put) {  // between the rename and the look that confirms it
          second_put.emplace(Error{});
          *second_put = site.put(second, "second", site.look()->version, Step::seize, within(std::chrono::milliseconds(20)));
        }
        return 0;
      });
      return site.put(first, "first", robbed.version, Step::seize);
    }();
    REQUIRE(second_put);
    CHECK(status(*second_put) == Status::UNAVAILABLE);
    CHECK(landed(first_put));
    CHECK(content(site.path()) == "first");
    CHECK(landed(site.put(second, "second", first.version, Step::seize)));
  }
}

TEST_CASE("seize: in place where nobody lives, another inode where a child's copy keeps byte 0") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "held")));
  REQUIRE(landed(site.end(held, "released")));
  CHECK(held.tenure == nullptr);
  const ino_t before = inode_of(site);
  REQUIRE(landed(site.put(held, "second", site.look()->version, Step::seize)));
  CHECK(inode_of(site) == before);
  REQUIRE(landed(site.end(held, "released again")));
  const Blocker copy(site.path(), 0);
  REQUIRE(landed(site.put(held, "third", site.look()->version, Step::seize)));
  CHECK(inode_of(site) != before);
  CHECK(site.look()->life == Life::alive);
}

TEST_CASE("a foreign record over 4 KiB, or with another mode, is replaced by another inode") {
  Site site(bases()[0]);
  plant(site.path(), std::string(5000, 'x'));
  const ino_t before = inode_of(site);
  Held held;
  REQUIRE(landed(site.put(held, "ours", site.look()->version, Step::begin)));
  CHECK(inode_of(site) != before);
  CHECK(content(site.path()) == "ours");
  CHECK(done(site.remove(held)));

  plant(site.path(), "foreign", 0644);
  REQUIRE(chmod(site.path().c_str(), 0644) == 0);
  REQUIRE(landed(site.put(held, "ours", site.look()->version, Step::begin)));
  CHECK((stat_of(site.path()).st_mode & 07777) == 0600);
}

TEST_CASE("an empty record is seen as such and may be taken over") {
  Site site(bases()[0]);
  plant(site.path(), "");
  Look there = site.look();
  REQUIRE(there);
  CHECK(there->bytes.empty());
  CHECK(there->life == Life::dead);
  CHECK_FALSE(there->predates_boot);
  Held held;
  CHECK(landed(site.put(held, "ours", there->version, Step::begin)));
}

TEST_CASE("E5: a record written before this boot is seen as such, where nobody lives in it") {
  Site site(bases()[0]);
  Held held = dead(site);
  const auto before = std::chrono::duration_cast<std::chrono::seconds>(boot_started().time_since_epoch()).count() - 100;
  const timespec old[2] = {{before, 0}, {before, 0}};
  REQUIRE(utimensat(AT_FDCWD, site.path().c_str(), old, 0) == 0);
  CHECK(site.look()->predates_boot);
  CHECK(site.look(Reading::exact)->predates_boot);
  const Blocker alive(site.path(), 0);
  CHECK_FALSE(site.look()->predates_boot);
}

TEST_CASE("R16: at most 16 KiB and one byte are read") {
  Site site(bases()[0]);
  plant(site.path(), std::string(max_object_bytes, 'x'));
  CHECK(site.look()->bytes.size() == max_object_bytes);
  plant(site.path(), std::string(1 << 20, 'x'));
  CHECK(site.look()->bytes.size() == max_object_bytes + 1);
  CHECK(site.look(Reading::exact)->bytes.size() == max_object_bytes + 1);
}

TEST_CASE("l7: what a dead thief left is removed by the next steal, the next take-over and a late release") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held, thief;
    const auto leave = [&] { plant(site.folder.at(local::temporary_of(inode_of(site))), "left by a dead thief"); };

    REQUIRE(landed(site.create(held, "a")));
    leave();
    REQUIRE(landed(site.put(thief, "b", held.version, Step::seize)));
    CHECK(site.folder.names().size() == 1);

    leave();
    thief.tenure.reset();
    REQUIRE(landed(site.put(held, "c", thief.version, Step::begin)));
    CHECK(site.folder.names().size() == 1);

    leave();
    // No lease is shorter than 1 ms, so a release within that need not look.
    const BootTime late = boot_now() + std::chrono::milliseconds(1);
    while (boot_now() < late) continue;
    REQUIRE(done(site.remove(held)));
    CHECK(site.folder.names().empty());
  }
}

TEST_CASE("the longest legal name works for every transition, also for a steal") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base, {}, std::string(250, 'n'));
    REQUIRE(site.place.key.size() == 255);
    Held held, thief;
    REQUIRE(landed(site.create(held, "a")));
    REQUIRE(landed(site.put(thief, "b", held.version, Step::seize)));
    REQUIRE(landed(site.keep(thief, "c")));
    REQUIRE(landed(site.end(thief, "d")));
    REQUIRE(landed(site.put(thief, "e", thief.version, Step::seize)));
    REQUIRE(done(site.remove(thief)));
    CHECK(site.folder.names().empty());
  }
}

TEST_CASE("R13: a released record put by nobody leaves nobody living there") {
  Site site(bases()[0]);
  Held held, nobody;
  REQUIRE(landed(site.create(held, "alive")));
  REQUIRE(landed(site.put(nobody, "broken", held.version, Step::end)));
  CHECK(nobody.tenure == nullptr);
  CHECK(content(site.path()) == "broken");
  CHECK(site.look()->life == Life::dead);
  CHECK(refused(site.keep(held, "alive?")));
  REQUIRE(landed(site.put(nobody, "broken 2", site.look()->version, Step::end)));
  CHECK(site.look()->life == Life::dead);
  std::filesystem::remove(site.path());
  REQUIRE(landed(site.put(nobody, "poison", IfAbsent{}, Step::end)));
  CHECK(site.look()->life == Life::dead);
}
