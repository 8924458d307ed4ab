// RELIABILITY §4.3 and §10: file systems without O_TMPFILE, systems without /proc, containers whose filters answer EPERM.
#include <doctest/doctest.h>

#include <algorithm>

#include "storage/local/draft.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

// What a system lacks; each test forces one, through the table of system calls.
struct Lacks {
  const char *what;
  void (*take_away)();
};

void no_tmpfile() {
  local::os.openat = [](int directory, const char *path, int flags, mode_t mode) {
    if ((flags & O_TMPFILE) == O_TMPFILE) return errno = EOPNOTSUPP, -1;
    return ::openat(directory, path, flags, mode);
  };
}

void no_empty_path() {
  local::os.linkat = [](int from, const char *path, int to, const char *name, int flags) {
    if (flags & AT_EMPTY_PATH) return errno = ENOENT, -1;
    return ::linkat(from, path, to, name, flags);
  };
}

// Neither /proc nor the right to name a file by its descriptor.
void no_proc() {
  local::os.linkat = [](int, const char *, int, const char *, int) { return errno = ENOENT, -1; };
  local::os.openat = [](int directory, const char *path, int flags, mode_t mode) {
    if (std::string_view(path).substr(0, 6) == "/proc/") return errno = ENOENT, -1;
    return ::openat(directory, path, flags, mode);
  };
  local::os.inotify_add_watch = [](int, const char *, std::uint32_t) { return errno = ENOENT, -1; };
}

void filter_on_renameat2() {
  local::os.renameat2 = [](int, const char *, int, const char *, unsigned) { return errno = EPERM, -1; };
}

constexpr Lacks systems[] = {
    {"nothing", [] {}},
    {"O_TMPFILE", no_tmpfile},
    {"naming a file by its descriptor", no_empty_path},
    {"/proc", no_proc},
    {"renameat2", filter_on_renameat2},
};

class Without {
 public:
  explicit Without(void (*take_away)()) { take_away(); }
  ~Without() { local::os = local::real_os; }
};

}  // namespace

TEST_CASE("every transition works on each of these systems, and leaves no temporary") {
  for (const std::string &base : bases())
    for (const Lacks &system : systems) {
      CAPTURE(base);
      CAPTURE(system.what);
      const Without without(system.take_away);
      Site site(base);
      Held held, thief, other;
      REQUIRE(landed(site.create(held, "a")));
      CHECK(site.look()->life == Life::alive);
      CHECK(refused(site.create(other, "b")));
      REQUIRE(landed(site.keep(held, "a 2")));
      REQUIRE(landed(site.put(thief, "b", held.version, Step::seize)));
      CHECK((stat_of(site.path()).st_mode & 07777) == 0600);
      CHECK(site.look()->life == Life::alive);
      CHECK(refused(site.keep(held, "a 3")));
      REQUIRE(landed(site.end(thief, "released")));
      REQUIRE(landed(site.put(held, "c", site.look()->version, Step::seize)));
      REQUIRE(done(site.remove(held)));
      CHECK(site.folder.names().empty());
    }
}

TEST_CASE("without O_TMPFILE the record has its locks and content before it has its name, too") {
  const Without without(no_tmpfile);
  Site site(bases()[0]);
  Held held;
  bool published = false;
  local::os.renameat2 = [](int from, const char *path, int to, const char *name, unsigned flags) {
    CHECK(local::is_temporary(path));
    CHECK(flags == RENAME_NOREPLACE);
    CHECK(::faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0);
    const int fd = ::openat(from, path, O_RDONLY | O_CLOEXEC);
    for (const off_t byte : {0, 1}) {
      struct flock lock {};
      lock.l_type = F_WRLCK;
      lock.l_start = byte;
      lock.l_len = 1;
      CHECK(::fcntl(fd, F_OFD_GETLK, &lock) == 0);
      CHECK(lock.l_type == F_WRLCK);
    }
    char first = 0;
    CHECK(::pread(fd, &first, 1, 0) == 1);
    ::close(fd);
    return ::renameat2(from, path, to, name, flags);
  };
  published = landed(site.create(held, "a"));
  CHECK(published);
}

TEST_CASE("without O_TMPFILE and without a rename that does not replace: UNSUPPORTED, nothing left") {
  for (const int error_number : {EPERM, ENOSYS, EINVAL}) {
    const Without without(no_tmpfile);
    static int answer;
    answer = error_number;
    local::os.renameat2 = [](int, const char *, int, const char *, unsigned) { return errno = answer, -1; };
    Site site(bases()[0]);
    Held held;
    auto put = site.create(held, "a");
    REQUIRE_FALSE(put);
    CHECK(put.error().status == Status::UNSUPPORTED);
    CHECK(put.error().message.find("renameat2") != std::string::npos);
    CHECK(site.folder.names().empty());
  }
}

TEST_CASE("without O_TMPFILE a creator that lost the race takes its temporary with it") {
  const Without without(no_tmpfile);
  Site site(bases()[0]);
  Held held;
  static Site *at;
  at = &site;
  local::os.renameat2 = [](int from, const char *path, int to, const char *name, unsigned flags) {
    if (!exists(at->path())) plant(at->path(), "first");
    return ::renameat2(from, path, to, name, flags);
  };
  auto put = site.create(held, "second");
  REQUIRE(refused(put));
  CHECK((*std::get<Refused>(*put).there)->bytes == "first");
  CHECK(site.folder.names() == std::vector<std::string>{site.place.key});
}

TEST_CASE("l7: temporaries of dead creators go after a minute, where nobody lives in them") {
  const Without without(no_tmpfile);
  Site site(bases()[0]);
  const std::string dead = local::random_temporary(), young = local::random_temporary(), alive = local::random_temporary();
  const std::string thief = local::temporary_of(0x123);
  for (const std::string &name : {dead, young, alive, thief}) plant(site.folder.at(name), "x");
  const Blocker living(site.folder.at(alive), 0);
  // Nobody can set a ctime: for this test all but the young one are older.
  static ino_t young_inode;
  young_inode = stat_of(site.folder.at(young)).st_ino;
  local::os.fstat = [](int fd, struct stat *st) {
    const int result = ::fstat(fd, st);
    if (S_ISREG(st->st_mode) && st->st_ino != young_inode) st->st_ctim.tv_sec -= 61;
    return result;
  };
  Held held;
  REQUIRE(landed(site.create(held, "a")));
  CHECK_FALSE(exists(site.folder.at(dead)));
  CHECK(exists(site.folder.at(young)));
  CHECK(exists(site.folder.at(alive)));
  CHECK(exists(site.folder.at(thief)));  // another inode's thief may be at work
}

TEST_CASE("where O_TMPFILE works no directory is listed") {
  Site site(bases()[0]);
  Held held, thief;
  const OsCalls calls([](std::string_view) { return 0; });
  local::os.openat = [](int directory, const char *path, int flags, mode_t mode) {
    CHECK_FALSE(((flags & O_DIRECTORY) && (flags & O_TMPFILE) != O_TMPFILE));
    return ::openat(directory, path, flags, mode);
  };
  REQUIRE(landed(site.create(held, "a")));
  REQUIRE(landed(site.put(thief, "b", held.version, Step::seize)));
  CHECK(done(site.remove(thief)));
}
