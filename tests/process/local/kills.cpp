// F15: SIGKILL at every system call of every transition. The next contender gets the lock, no record is torn, and no
// temporary is left once somebody has taken and released the lock.
#include <doctest/doctest.h>

#include "storage/local/draft.hpp"
#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

// A whole life: create, renew, be robbed, release in keep mode, take that over, remove.
bool live(Site &site) {
  Held held, thief;
  if (!landed(site.create(held, "record of the first"))) return false;
  if (!landed(site.keep(held, "record of the first, renewed"))) return false;
  if (!landed(site.put(thief, "record of the thief", held.version, Step::seize))) return false;
  held.tenure.reset();
  if (!landed(site.end(thief, "record released"))) return false;
  if (!landed(site.put(held, "record of the second", thief.version, Step::seize))) return false;
  held.tenure.reset();
  if (!landed(site.put(thief, "record of the heir", held.version, Step::begin))) return false;
  return done(site.remove(thief));
}

void kill_everywhere(const std::string &base, void (*take_away)()) {
  int kills = 0;
  for (int nth = 1;; ++nth) {
    CAPTURE(nth);
    Site site(base);
    REQUIRE(site.place.store->guarantee(soon()));
    Child child([&] {
      const OsCalls calls(signal_at("", nth, SIGKILL));
      take_away();
      return live(site) ? 0 : 1;
    });
    const int ended = child.wait();
    if (ended == 0) break;  // fewer calls than that
    REQUIRE(ended == -SIGKILL);
    ++kills;
    // At most one temporary, and a whole record or none.
    int temporaries = 0;
    for (const std::string &name : site.folder.names()) temporaries += local::is_temporary(name);
    CHECK(temporaries <= 1);
    if (exists(site.path())) CHECK(content(site.path()).substr(0, 7) == "record ");
    Held next, last;
    REQUIRE(landed(site.acquire(next, "record of the next")));
    CHECK(landed(site.keep(next, "record of the next, renewed")));
    // A thief that died just before its rename had robbed nobody: its victim's death, or a later steal, cleans up.
    REQUIRE(landed(site.put(last, "record of the last", next.version, Step::seize)));
    CHECK(done(site.remove(last)));
    temporaries = 0;
    for (const std::string &name : site.folder.names()) temporaries += local::is_temporary(name) && name.size() < 40;
    CHECK(temporaries == 0);
    CHECK_FALSE(exists(site.path()));
  }
  CHECK(kills > 60);
}

}  // namespace

TEST_CASE("F15: killed at each system call") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    kill_everywhere(base, [] {});
  }
}

TEST_CASE("F15: killed at each system call, where no file can be made without a name") {
  kill_everywhere(bases().back(), [] {
    static int (*hooked)(int, const char *, int, mode_t);
    hooked = local::os.openat;
    local::os.openat = [](int directory, const char *path, int flags, mode_t mode) {
      if ((flags & O_TMPFILE) == O_TMPFILE) return errno = EOPNOTSUPP, -1;
      return hooked(directory, path, flags, mode);
    };
  });
}
