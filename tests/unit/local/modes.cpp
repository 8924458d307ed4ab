// RELIABILITY §4.3 "readers": who may open a record.
#include <doctest/doctest.h>

#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

#include <grp.h>

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(umask(mask)) {}
  ~Umask() { umask(before_); }

 private:
  mode_t before_;
};

mode_t mode_of(const std::string &path) { return stat_of(path).st_mode & 07777; }

// Both ways that a new inode is made: created, and put in another's place.
void check_both(const std::string &folder, const LocalSettings &settings, mode_t mode, gid_t group) {
  const Place place = open_at(folder + "/data", settings);
  const std::string path = folder + "/" + place.key;
  TenurePtr first, second;
  auto put = place.store->put(place.key, text("a"), IfAbsent{}, Step::begin, first, soon());
  REQUIRE(landed(put));
  CHECK(mode_of(path) == mode);
  CHECK(stat_of(path).st_gid == group);
  put = place.store->put(place.key, text("b"), std::get<Landed>(*put).version, Step::seize, second, soon());
  REQUIRE(landed(put));
  CHECK(mode_of(path) == mode);
  CHECK(stat_of(path).st_gid == group);
  CHECK(done(place.store->remove(place.key, std::get<Landed>(*put).version, second, soon())));
}

}  // namespace

TEST_CASE("records are 0600 whatever the umask, so that no reader can lock them") {
  for (const std::string &base : bases())
    for (const mode_t mask : {0000, 0022, 0077, 0277, 0777}) {
      CAPTURE(mask);
      const Folder folder(base);
      const Umask umask(mask);
      check_both(folder.path(), {}, 0600, stat_of(folder.path()).st_gid);
    }
}

TEST_CASE("in a setgid, group-writable directory: 0660 and the directory's group") {
  for (const std::string &base : bases()) {
    const Folder folder(base);
    const gid_t group = geteuid() == 0 ? 12345 : getegid();
    REQUIRE(chown(folder.path().c_str(), static_cast<uid_t>(-1), group) == 0);
    REQUIRE(chmod(folder.path().c_str(), 02770) == 0);
    const Umask umask(0077);
    check_both(folder.path(), {}, 0660, group);
    if (geteuid() == 0) {
      // Where the file system did not give it the group by itself.
      const OsCalls calls(at_call("fchown", 1, [] { return 0; }));
      local::os.fstat = [](int fd, struct stat *st) {
        const int answer = ::fstat(fd, st);
        if (S_ISREG(st->st_mode)) st->st_gid = 1;
        return answer;
      };
      bool asked = false;
      before_call = [&](std::string_view call) {
        asked = asked || call == "fchown";
        return 0;
      };
      const Place place = open_at(folder.at("other"));
      TenurePtr tenure;
      CHECK(landed(place.store->put(place.key, text("a"), IfAbsent{}, Step::begin, tenure, soon())));
      CHECK(asked);
    }
  }
}

TEST_CASE("file.mode overrides") {
  const Folder folder(bases()[0]);
  LocalSettings settings;
  settings.mode = 0640;
  check_both(folder.path(), settings, 0640, stat_of(folder.path()).st_gid);
  REQUIRE(chmod(folder.path().c_str(), 02770) == 0);
  settings.mode = 0600;
  check_both(folder.path(), settings, 0600, stat_of(folder.path()).st_gid);
}

TEST_CASE("members of a shared group take over each other's records; others are denied") {
  if (geteuid() != 0) {
    MESSAGE("skipped: acting as several users needs root");
    return;
  }
  const Folder folder("/dev/shm");  // which every user may enter
  constexpr gid_t group = 12345;
  REQUIRE(chown(folder.path().c_str(), 0, group) == 0);
  REQUIRE(chmod(folder.path().c_str(), 02770) == 0);
  const auto as = [&](uid_t user, gid_t its_group, const std::function<int()> &body) {
    return Child([&] {
             if (setgroups(0, nullptr) != 0 || setgid(its_group) != 0 || setuid(user) != 0) return 99;
             return body();
           })
        .wait();
  };
  const auto take = [&] {
    const Place place = open_at(folder.at("data"));
    auto look = place.store->get(place.key, Reading::hint, soon());
    if (!look) return 1;
    TenurePtr tenure;
    auto put = *look ? place.store->put(place.key, text("next"), (*look)->version, Step::begin, tenure, soon())
                     : place.store->put(place.key, text("first"), IfAbsent{}, Step::begin, tenure, soon());
    return landed(put) ? 0 : 2;
  };
  CHECK(as(2001, group, take) == 0);
  CHECK(as(2002, group, take) == 0);
  CHECK(stat_of(folder.at("data.lock")).st_uid == 2001);
  CHECK(content(folder.at("data.lock")).substr(0, 4) == "next");

  // Who is not in the group, but may enter.
  REQUIRE(chmod(folder.path().c_str(), 02775) == 0);
  CHECK(as(2003, 2003, [&] {
          const Place place = open_at(folder.at("data"));
          TenurePtr tenure;
          if (status(place.store->get(place.key, Reading::hint, soon())) != Status::PERMISSION_DENIED) return 1;
          if (status(place.store->put(place.key, text("x"), IfAbsent{}, Step::begin, tenure, soon())) !=
              Status::PERMISSION_DENIED)
            return 2;
          const Place nothing = open_at(folder.at("nothing"));
          if (status(nothing.store->put(nothing.key, text("x"), IfAbsent{}, Step::begin, tenure, soon())) !=
              Status::PERMISSION_DENIED)
            return 3;
          // Who may only look is still told what the place gives.
          return status(nothing.store->guarantee(soon())) == Status::OK ? 0 : 4;
        }) == 0);
}

TEST_CASE("read-only: whoever may only look, looks") {
  if (geteuid() != 0) {
    MESSAGE("skipped: giving files away needs root");
    return;
  }
  const Folder folder("/dev/shm");
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  plant(folder.at("data.lock"), "held", 0644);
  REQUIRE(chmod(folder.at("data.lock").c_str(), 0644) == 0);
  Child child([&] {
    if (setgroups(0, nullptr) != 0 || setgid(2003) != 0 || setuid(2003) != 0) return 99;
    const Place place = open_at(folder.at("data"));
    auto look = place.store->get(place.key, Reading::hint, soon());
    auto exact = place.store->get(place.key, Reading::exact, soon());
    if (!look || !exact || !*exact || (*exact)->bytes != "held") return 1;
    TenurePtr tenure;
    return status(place.store->put(place.key, text("x"), (*exact)->version, Step::begin, tenure, soon())) ==
                   Status::PERMISSION_DENIED
               ? 0
               : 2;
  });
  CHECK(child.wait() == 0);
}
