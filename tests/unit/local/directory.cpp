// Which directories locks may live in.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

Result<Place> open_path(const std::string &path, const LocalSettings &settings = {}) {
  return open_local(path_of(path), "{name}.lock", settings);
}

bool says(const Error &error, const std::string &words) { return error.message.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a missing parent is NOT_FOUND and named") {
  const Folder folder(bases()[0]);
  auto place = open_path(folder.at("missing/x"));
  REQUIRE_FALSE(place);
  CHECK(place.error().status == Status::NOT_FOUND);
  CHECK(says(place.error(), folder.at("missing")));
  plant(folder.at("file"), "");
  CHECK(open_path(folder.at("file/x")).error().status == Status::NOT_FOUND);
}

TEST_CASE("directories where anyone creates files are refused unless asked for") {
  const Folder folder(bases()[0]);
  REQUIRE(chmod(folder.path().c_str(), 01777) == 0);
  auto place = open_path(folder.at("x"));
  REQUIRE_FALSE(place);
  CHECK(place.error().status == Status::UNSAFE_PATH);
  CHECK(says(place.error(), "file.allow_sticky"));
  LocalSettings settings;
  settings.allow_sticky = true;
  CHECK(open_path(folder.at("x"), settings));
}

TEST_CASE("a file system that is not proven local is refused by name, and told what will serve it") {
  const Folder folder(bases()[0]);
  static std::uint32_t magic;
  struct Kind {
    std::uint32_t magic;
    const char *name;
  };
  for (const Kind kind : {Kind{0x6969, "NFS"}, Kind{0x65735546, "FUSE"}, Kind{0xFF534D42, "CIFS"}, Kind{0x01021997, "9p"},
                          Kind{0x12345678, "type 0x12345678"}}) {
    magic = kind.magic;
    local::os.fstatfs = [](int, struct statfs *st) {
      st->f_type = static_cast<decltype(st->f_type)>(magic);
      return 0;
    };
    auto place = open_path(folder.at("x"));
    local::os = local::real_os;
    REQUIRE_FALSE(place);
    CHECK(place.error().status == Status::UNSUPPORTED);
    CHECK(says(place.error(), kind.name));
    CHECK(says(place.error(), "rename layout"));
  }
}

TEST_CASE("two descriptors that do not conflict prove nothing: refused before anything is written") {
  for (const bool from_proc : {true, false}) {
    const Folder folder(bases()[0]);
    Place place = open_at(folder.at("x"));
    // Once for each device and process: in a child that has not tried yet, under a number that nobody has.
    local::os.fstat = [](int fd, struct stat *st) {
      const int answer = ::fstat(fd, st);
      st->st_dev = 12345;
      return answer;
    };
    place = open_at(folder.at("x"));
    local::os.lock = [](int fd, int command, struct flock *range) {
      if (command == F_OFD_GETLK) {
        range->l_type = F_UNLCK;
        return 0;
      }
      return ::fcntl(fd, F_GETFD);
    };
    if (!from_proc)
      local::os.openat = [](int directory, const char *path, int flags, mode_t mode) {
        if (std::string_view(path).substr(0, 6) == "/proc/") return errno = ENOENT, -1;
        return ::openat(directory, path, flags, mode);
      };
    auto guarantee = place.store->guarantee(soon());
    TenurePtr tenure;
    auto put = place.store->put(place.key, text("a"), IfAbsent{}, Step::begin, tenure, soon());
    local::os = local::real_os;
    REQUIRE_FALSE(guarantee);
    CHECK(guarantee.error().status == Status::UNSUPPORTED);
    CHECK(status(put) == Status::UNSUPPORTED);
    CHECK(folder.names().empty());
  }
}

TEST_CASE("lock calls that a policy forbids are denied at once; those that do not exist are unsupported") {
  struct Answer {
    int error_number;
    Status status;
  };
  for (const Answer answer : {Answer{EACCES, Status::PERMISSION_DENIED}, Answer{EPERM, Status::PERMISSION_DENIED},
                              Answer{EINVAL, Status::UNSUPPORTED}, Answer{ENOLCK, Status::UNSUPPORTED}}) {
    Site site(bases()[0]);
    Held held;
    REQUIRE(landed(site.create(held, "a")));
    const OsCalls calls([&](std::string_view call) { return call == "lock" ? answer.error_number : 0; });
    Held other;
    CHECK(status(site.create(other, "b")) == answer.status);
    CHECK(status(site.put(other, "b", held.version, Step::begin)) == answer.status);
    CHECK(status(site.keep(held, "c")) == answer.status);
  }
}

TEST_CASE("what this location gives") {
  Site site(bases()[0]);
  const auto gives = site.place.store->guarantee(soon());
  REQUIRE(gives);
  CHECK(gives->level == Level::exact);
  CHECK(gives->conditional_remove);
  CHECK(gives->shared_clock);
  CHECK(gives->strict_tokens);
  CHECK(gives->min_ttl == std::chrono::milliseconds(1));
  CHECK(gives->max_object == 4096);
  CHECK(gives->how.find("open-file-description locks on ") == 0);
  CHECK(site.folder.names().empty());
}

TEST_CASE("the rename layout may be asked for, and is refused by its name") {
  const Folder folder(bases()[0]);
  LocalSettings settings;
  settings.layout = LocalLayout::rename;
  auto place = open_path(folder.at("x"), settings);
  REQUIRE_FALSE(place);
  CHECK(place.error().status == Status::UNSUPPORTED);
  CHECK(says(place.error(), "file.layout"));
}

TEST_CASE("messages name paths in printable UTF-8") {
  auto place = open_path("/nothing\xff\n/x");
  REQUIRE_FALSE(place);
  CHECK(says(place.error(), "/nothing\\xff\\x0a"));
}
