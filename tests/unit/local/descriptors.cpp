// What this process keeps open, and what a program that closes it loses.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

// Of the descriptors that are this file.
std::vector<int> descriptors_of(const std::string &path) {
  const struct stat wanted = stat_of(path);
  std::vector<int> out;
  for (int fd = 0; fd < 1024; ++fd) {
    struct stat st {};
    if (::fstat(fd, &st) == 0 && st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino) out.push_back(fd);
  }
  return out;
}

}  // namespace

TEST_CASE("a holder keeps one descriptor, high and close-on-exec; nothing is left after a release") {
  for (const std::string &base : bases()) {
    Site site(base);
    REQUIRE(site.place.store->guarantee(soon()));
    const std::size_t before = open_descriptors();
    Held held, thief;
    REQUIRE(landed(site.create(held, "a")));
    auto mine = descriptors_of(site.path());
    REQUIRE(mine.size() == 1);
    CHECK(mine[0] >= 512);
    CHECK((::fcntl(mine[0], F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(refused(site.create(thief, "b")));
    CHECK(open_descriptors() == before + 1);
    REQUIRE(landed(site.put(thief, "b", held.version, Step::seize)));
    held.tenure.reset();
    mine = descriptors_of(site.path());
    REQUIRE(mine.size() == 1);
    CHECK(mine[0] >= 512);
    REQUIRE(landed(site.end(thief, "released")));
    REQUIRE(landed(site.put(held, "c", site.look()->version, Step::seize)));
    CHECK(descriptors_of(site.path())[0] >= 512);
    REQUIRE(done(site.remove(held)));
    CHECK(open_descriptors() == before);
  }
}

TEST_CASE("where there are no high numbers the low one serves") {
  Site site(bases()[0]);
  Held held;
  const OsCalls calls([](std::string_view call) { return call == "duplicate" ? EINVAL : 0; });
  REQUIRE(landed(site.create(held, "a")));
  CHECK(descriptors_of(site.path())[0] < 512);
  CHECK(done(site.remove(held)));
}

TEST_CASE("F35: a program that closes all descriptors has lost, and no foreign byte is touched") {
  for (const bool inherited : {false, true}) {
    Site site(bases()[0]);
    Held held;
    REQUIRE(landed(site.create(held, "mine")));
    int copy = -1;
    if (inherited) copy = *held.tenure->inherit();
    // Closed, and each number is now another file of the program.
    const std::string precious = site.folder.at("precious");
    plant(precious, "precious");
    const int foreign = ::open(precious.c_str(), O_RDWR | O_CLOEXEC);
    std::vector<int> numbers = descriptors_of(site.path());
    for (const int fd : numbers) REQUIRE(::dup2(foreign, fd) == fd);
    CHECK(site.look()->life == Life::dead);
    CHECK(status(site.keep(held, "mine 2")) == Status::LOST);
    CHECK(status(site.remove(held)) == Status::LOST);
    CHECK(status(site.end(held, "released")) == Status::LOST);
    CHECK(status(held.tenure->inherit()) == Status::LOST);
    CHECK(content(site.path()) == "mine");
    CHECK_FALSE(is_locked(precious, 0));
    held.tenure.reset();
    for (const int fd : numbers) {
      CHECK(::fcntl(fd, F_GETFD) >= 0);  // not closed: it is the program's
      ::close(fd);
    }
    CHECK(content(precious) == "precious");
    ::close(foreign);
    (void)copy;
  }
}

TEST_CASE("F35: a number that comes again as the next tenure's is the next one's") {
  Site site(bases()[0]);
  Held gone, next;
  REQUIRE(landed(site.create(gone, "gone")));
  ::close(descriptors_of(site.path())[0]);
  REQUIRE(landed(site.put(next, "next", gone.version, Step::begin)));  // the same inode, and the same number
  CHECK(status(site.keep(gone, "gone?")) == Status::LOST);
  gone.tenure.reset();
  CHECK(site.look()->life == Life::alive);
  CHECK(landed(site.keep(next, "next 2")));
}

TEST_CASE("the program's own opening and closing of the record changes nothing") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "mine")));
  CHECK(content(site.path()) == "mine");  // opens and closes it: POSIX locks would be gone now
  CHECK(site.look()->life == Life::alive);
}

TEST_CASE("many tenures at once, until descriptors run out, each with its own proof of life") {
  const std::size_t count = 2000;  // descriptors of one process: most systems allow 1024 or more
  Site site(bases().back());
  std::vector<std::unique_ptr<Held>> all;
  std::vector<std::string> keys;
  std::size_t opened = 0;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_unique<Held>());
    keys.push_back("k" + std::to_string(i) + ".lock");
    auto put = site.place.store->put(keys[i], text("a"), IfAbsent{}, Step::begin, all[i]->tenure, soon());
    if (!landed(put)) {
      CHECK(status(put) == Status::UNAVAILABLE);  // EMFILE, typed
      break;
    }
    all[i]->version = std::get<Landed>(*put).version;
    ++opened;
  }
  CHECK(opened >= 900);
  for (std::size_t i = 0; i < opened; ++i)
    CHECK(done(site.place.store->remove(keys[i], all[i]->version, all[i]->tenure, soon())));
  CHECK(site.folder.names().empty());
}
