// F23: what must not be touched, and what is left of other layouts.
#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "support/local_site.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

// Nothing works on it, everything says why.
void untouchable(Site &site) {
  Held held;
  const Version any{"1:1:x"};
  CHECK(status(site.place.store->get(site.place.key, Reading::hint, soon())) == Status::UNSAFE_PATH);
  CHECK(status(site.place.store->get(site.place.key, Reading::exact, soon())) == Status::UNSAFE_PATH);
  CHECK(status(site.create(held, "mine")) == Status::UNSAFE_PATH);
  CHECK(status(site.put(held, "mine", any, Step::begin)) == Status::UNSAFE_PATH);
  CHECK(status(site.put(held, "mine", any, Step::seize)) == Status::UNSAFE_PATH);
  CHECK(held.tenure == nullptr);
}

}  // namespace

TEST_CASE("F23: symbolic links are not followed, whether they lead somewhere or not") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    plant(site.folder.at("target"), "precious");
    std::filesystem::create_symlink("target", site.path());
    untouchable(site);
    CHECK(content(site.folder.at("target")) == "precious");
    std::filesystem::remove(site.path());
    std::filesystem::create_symlink("nothing", site.path());
    untouchable(site);
    CHECK_FALSE(exists(site.folder.at("nothing")));
  }
}

TEST_CASE("F23: hard links, FIFOs, sockets and devices") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    plant(site.folder.at("target"), "precious");
    std::filesystem::create_hard_link(site.folder.at("target"), site.path());
    untouchable(site);
    CHECK(content(site.folder.at("target")) == "precious");
    std::filesystem::remove(site.path());

    REQUIRE(mkfifo(site.path().c_str(), 0600) == 0);
    untouchable(site);  // and does not wait for its other end
    std::filesystem::remove(site.path());

    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::snprintf(name.sun_path, sizeof name.sun_path, "%s", site.path().c_str());
    if (site.path().size() < sizeof name.sun_path &&
        bind(socket, reinterpret_cast<const sockaddr *>(&name), sizeof name) == 0) {
      untouchable(site);
      std::filesystem::remove(site.path());
    }
    ::close(socket);

    if (mknod(site.path().c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) {
      untouchable(site);
    } else {
      MESSAGE("no device could be made here: that case was skipped");
    }
  }
}

TEST_CASE("F23: a record of a foreign owner") {
  if (geteuid() != 0) {
    MESSAGE("skipped: giving a file to another user needs root");
    return;
  }
  Site site(bases()[0]);
  plant(site.path(), "another's");
  REQUIRE(chown(site.path().c_str(), 12345, 12345) == 0);
  untouchable(site);
  // The directory's owner may own records in it.
  REQUIRE(chown(site.folder.path().c_str(), 12345, 12345) == 0);
  Site same(bases()[0]);
  const Place place = open_at(site.folder.at("data"));
  auto look = place.store->get(place.key, Reading::hint, soon());
  REQUIRE(look);
  CHECK((*look)->bytes == "another's");
}

TEST_CASE("an empty directory at the lock's name is a released rename layout: free, and taken") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    std::filesystem::create_directory(site.path());
    CHECK_FALSE(site.look());
    CHECK_FALSE(site.look(Reading::exact));
    Held held;
    CHECK(refused(site.put(held, "mine", Version{"1:1:x"}, Step::begin)));
    REQUIRE(landed(site.create(held, "mine")));
    CHECK(S_ISREG(stat_of(site.path()).st_mode));
    CHECK(done(site.remove(held)));
  }
}

TEST_CASE("a directory with entries is the other layout's: held") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    std::filesystem::create_directories(site.path() + "/v.1.0123");
    Held held;
    auto look = site.place.store->get(site.place.key, Reading::hint, soon());
    REQUIRE_FALSE(look);
    CHECK(look.error().status == Status::HELD);
    CHECK(look.error().message.find("rename layout") != std::string::npos);
    CHECK(status(site.place.store->get(site.place.key, Reading::exact, soon())) == Status::HELD);
    CHECK(status(site.create(held, "mine")) == Status::HELD);
    CHECK(status(site.put(held, "mine", Version{"1:1:x"}, Step::seize)) == Status::HELD);
    CHECK(exists(site.path() + "/v.1.0123"));
  }
}
