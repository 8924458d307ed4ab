// file.durable: the file first, then the directory, each before anybody believes.
#include <doctest/doctest.h>

#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

std::string trace;  // W write, F fsync of the record, D fsync of the directory, L link, R rename, U unlink

std::string traced(const std::function<void()> &act) {
  trace.clear();
  const OsCalls calls([](std::string_view call) {
    if (call == "pwrite") trace += 'W';
    if (call == "linkat") trace += 'L';
    if (call == "renameat") trace += 'R';
    return 0;
  });
  local::os.fsync = [](int fd) {
    struct stat st {};
    ::fstat(fd, &st);
    trace += S_ISDIR(st.st_mode) ? 'D' : 'F';
    return ::fsync(fd);
  };
  local::os.unlinkat = [](int directory, const char *name, int flags) {
    const int answer = ::unlinkat(directory, name, flags);
    if (answer == 0) trace += 'U';
    return answer;
  };
  act();
  return trace;
}

}  // namespace

TEST_CASE("durable mode writes to the disk what counts, before it counts") {
  LocalSettings settings;
  settings.durable = true;
  Site site(bases()[0], settings);
  Held held, thief;
  REQUIRE(site.place.store->guarantee(soon()));
  CHECK(traced([&] { REQUIRE(landed(site.create(held, "a"))); }) == "WFLWFD");
  CHECK(traced([&] { REQUIRE(landed(site.keep(held, "b"))); }) == "WF");
  CHECK(traced([&] { REQUIRE(landed(site.put(thief, "c", held.version, Step::seize))); }) == "WFLRD");
  CHECK(traced([&] { REQUIRE(landed(site.end(thief, "d"))); }) == "WF");
  CHECK(traced([&] { REQUIRE(landed(site.put(held, "e", site.look()->version, Step::seize))); }) == "WF");
  CHECK(traced([&] { REQUIRE(done(site.remove(held))); }) == "UD");
}

TEST_CASE("without it nothing waits for the disk") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(site.place.store->guarantee(soon()));
  CHECK(traced([&] { REQUIRE(landed(site.create(held, "a"))); }) == "WLW");
  CHECK(traced([&] { REQUIRE(done(site.remove(held))); }) == "U");
}
