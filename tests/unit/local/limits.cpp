// Sizes, full disks, and the signal that a file size limit sends.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

// In a child: a limit is the process's own and cannot be raised again by everybody.
int with_file_size_limit(rlim_t limit, const std::function<int()> &body) {
  const rlimit small{limit, limit};
  if (setrlimit(RLIMIT_FSIZE, &small) != 0) return 99;
  return body();
}

bool pending_xfsz() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGXFSZ);
}

bool blocked_xfsz() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, SIGXFSZ);
}

}  // namespace

TEST_CASE("SIGXFSZ never reaches the host: a limit is NO_SPACE, and the thread's signals are as before") {
  enum class Host { takes_it, blocks_it, has_one_pending };
  for (const Host host : {Host::takes_it, Host::blocks_it, Host::has_one_pending})
    for (const rlim_t limit : {0, 3}) {
      CAPTURE(static_cast<int>(host));
      CAPTURE(limit);
      Site site(bases()[0]);
      Held held;
      REQUIRE(landed(site.create(held, "a record")));
      Site other(bases()[0]);
      Child child([&] {
        if (host != Host::takes_it) {
          sigset_t mask;
          sigemptyset(&mask);
          sigaddset(&mask, SIGXFSZ);
          pthread_sigmask(SIG_BLOCK, &mask, nullptr);
        }
        if (host == Host::has_one_pending) raise(SIGXFSZ);
        return with_file_size_limit(limit, [&] {
          Held mine;
          if (status(other.create(mine, "a record")) != Status::NO_SPACE) return 1;
          if (!other.folder.names().empty()) return 2;
          if (status(site.put(mine, "another record", held.version, Step::seize)) != Status::NO_SPACE) return 3;
          if (mine.tenure) return 4;
          if (blocked_xfsz() != (host != Host::takes_it)) return 5;
          return pending_xfsz() == (host == Host::has_one_pending) ? 0 : 6;
        });
      });
      CHECK(child.wait() == 0);
      CHECK(content(site.path()) == "a record");
      CHECK(site.folder.names().size() == 1);
      CHECK(landed(site.keep(held, "the holder goes on")));
    }
}

TEST_CASE("a renewal that is cut short puts back what stood there") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "first record")));
  const Version before = held.version;
  {
    const OsCalls calls([](std::string_view) { return 0; });
    static int writes;
    writes = 0;
    local::os.pwrite = [](int fd, const void *bytes, std::size_t size, off_t at) {
      return ::pwrite(fd, bytes, writes++ == 0 ? 5 : size, at);
    };
    CHECK(status(site.keep(held, "second record")) == Status::NO_SPACE);
  }
  CHECK(content(site.path()) == "first record");
  CHECK(site.look()->version == before);
  CHECK(landed(site.keep(held, "second record")));
}

TEST_CASE("a write that may or may not have been made is Unknown, and its holder lives") {
  Site site(bases()[0]);
  Held held;
  REQUIRE(landed(site.create(held, "first record")));
  {
    const OsCalls calls([](std::string_view call) { return call == "pwrite" ? EIO : 0; });
    auto put = site.keep(held, "second record");
    REQUIRE(put);
    CHECK(std::holds_alternative<Unknown>(*put));
  }
  CHECK(site.look()->life == Life::alive);
  CHECK(landed(site.keep(held, "second record")));
}

TEST_CASE("records of ours have at most 4 KiB: more is refused before anything is written") {
  Site site(bases()[0]);
  Held held;
  CHECK(landed(site.create(held, std::string(4096, 'a'))));
  CHECK(status(site.keep(held, std::string(4097, 'a'))) == Status::INVALID_ARGUMENT);
  CHECK(landed(site.keep(held, "b")));
  CHECK(done(site.remove(held)));
  CHECK(status(site.create(held, std::string(4097, 'a'))) == Status::INVALID_ARGUMENT);
  // Only with the token is it too long: what landed is taken back.
  const Write growing{1, std::string(32, '0'), [](std::optional<std::int64_t> time) { return std::string(time ? 4097 : 4000, 'a'); }};
  CHECK(status(site.place.store->put(site.place.key, growing, IfAbsent{}, Step::begin, held.tenure, soon())) ==
        Status::INVALID_ARGUMENT);
  CHECK(site.folder.names().empty());
}
