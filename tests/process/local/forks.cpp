// F13: what a fork's child does to its parent's lock. RELIABILITY §4.3 "fork", §7.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include <spawn.h>

#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

void everywhere(const std::function<void(Site &, Held &)> &test) {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held held;
    REQUIRE(landed(site.create(held, "parent's")));
    test(site, held);
  }
}

bool has(const std::string &path) {
  const struct stat wanted = stat_of(path);
  for (int fd = 0; fd < 1024; ++fd) {
    struct stat st {};
    if (::fstat(fd, &st) == 0 && st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("F13: the child has no copy, and whatever it does with the handle is FORKED and touches nothing") {
  everywhere([](Site &site, Held &held) {
    Child child([&] {
      if (has(site.path())) return 1;
      if (status(site.keep(held, "child's")) != Status::FORKED) return 2;
      if (status(site.remove(held)) != Status::FORKED) return 3;
      if (status(site.end(held, "released")) != Status::FORKED) return 4;
      if (status(held.tenure->inherit()) != Status::FORKED) return 5;
      held.tenure.reset();
      return 0;
    });
    CHECK(child.wait() == 0);
    CHECK(site.look()->life == Life::alive);
    CHECK(landed(site.keep(held, "parent's 2")));
    CHECK(done(site.remove(held)));
  });
}

TEST_CASE("F13: a number that the child reuses is not closed with the parent's handle") {
  everywhere([](Site &site, Held &held) {
    Child child([&] {
      for (int fd = 512; fd < 600; ++fd)
        if (::dup2(2, fd) < 0) return 1;
      held.tenure.reset();
      for (int fd = 512; fd < 600; ++fd)
        if (::fcntl(fd, F_GETFD) < 0) return 2;
      return 0;
    });
    CHECK(child.wait() == 0);
    CHECK(site.look()->life == Life::alive);
  });
}

TEST_CASE("F13: the child outlives the parent: the lock is free when the parent dies, and not before") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    Held next;
    int pipe_ends[2], begun[2];
    REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
    REQUIRE(pipe2(begun, O_CLOEXEC) == 0);
    Child parent([&] {
      Held held;
      if (!landed(site.create(held, "parent's"))) return 1;
      const pid_t child = fork();
      if (child == 0) {  // until the test closes its end
        ::close(pipe_ends[1]);
        char byte = 'b';
        if (::write(begun[1], &byte, 1) != 1) _exit(1);
        while (::read(pipe_ends[0], &byte, 1) > 0) continue;
        _exit(0);
      }
      char byte;
      if (::read(begun[0], &byte, 1) != 1) return 2;  // its fork is over, its handlers have run
      raise(SIGSTOP);
      return 0;
    });
    REQUIRE(parent.stopped());
    CHECK(refused(site.acquire(next, "next")));
    parent.kill(SIGKILL);
    parent.wait();
    CHECK(landed(site.acquire(next, "next")));  // while the child still runs
    for (const int fd : {pipe_ends[0], pipe_ends[1], begun[0], begun[1]}) ::close(fd);
  }
}

TEST_CASE("F13: the child's own acquire starts afresh, and refuses what the parent holds") {
  everywhere([](Site &site, Held &held) {
    Child child([&] {
      const Place place = open_at(site.folder.at("data"));
      TenurePtr tenure;
      if (!refused(place.store->put(place.key, text("child's"), IfAbsent{}, Step::begin, tenure, soon()))) return 1;
      const Place other = open_at(site.folder.at("other"));
      auto put = other.store->put(other.key, text("child's"), IfAbsent{}, Step::begin, tenure, soon());
      if (!landed(put)) return 2;
      return done(other.store->remove(other.key, std::get<Landed>(*put).version, tenure, soon())) ? 0 : 3;
    });
    CHECK(child.wait() == 0);
    CHECK(landed(site.keep(held, "parent's 2")));
  });
}

TEST_CASE("F13: forked in the middle of each system call, the child never keeps a copy") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    // At each call of an acquire, a steal and a release a child is forked, which stays. All of the locks must be free
    // when the tenures are gone, although every child lives.
    int pipe_ends[2];
    REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
    std::vector<pid_t> children;
    Site site(base);
    REQUIRE(site.place.store->guarantee(soon()));
    const auto forking = [&](std::string_view) {
      const pid_t child = fork();
      if (child == 0) {
        ::close(pipe_ends[1]);
        char byte;
        while (::read(pipe_ends[0], &byte, 1) > 0) continue;
        _exit(0);
      }
      children.push_back(child);
      return 0;
    };
    Held held, thief, next;
    {
      const OsCalls calls([&](std::string_view call) {
        // fork takes what an opening holds; a thread that forks inside one of its own calls would wait for itself.
        return call == "openat" || call == "duplicate" || call == "close" ? 0 : forking(call);
      });
      CHECK(landed(site.create(held, "a")));
      CHECK(landed(site.keep(held, "b")));
      CHECK(landed(site.put(thief, "c", held.version, Step::seize)));
      held.tenure.reset();
    }
    CHECK(children.size() > 20);
    thief.tenure.reset();
    CHECK(site.look()->life == Life::dead);
    CHECK(landed(site.put(next, "next", thief.version, Step::begin)));
    CHECK(done(site.remove(next)));
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
    for (const pid_t child : children) waitpid(child, nullptr, 0);
  }
}

TEST_CASE("F13: forks while other threads lock and release all the time: no copy of a lock stays with a child") {
  Site site(bases().back());
  REQUIRE(site.place.store->guarantee(soon()));
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, key = "k" + std::to_string(i)] {
      while (!stop) {
        TenurePtr tenure;
        auto put = site.place.store->put(key, text("a"), IfAbsent{}, Step::begin, tenure, soon());
        if (landed(put)) (void)site.place.store->remove(key, std::get<Landed>(*put).version, tenure, soon());
      }
    });
  int with_copies = 0;
  for (int i = 0; i < 200; ++i) {
    Child child([&] {
      for (int fd = 3; fd < 1024; ++fd) {
        struct stat st {};
        // Neither linked records nor new ones without a name.
        if (::fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0600) return 1;
      }
      return 0;
    });
    with_copies += child.wait() != 0;
  }
  stop = true;
  for (auto &thread : threads) thread.join();
  CHECK(with_copies == 0);
}

TEST_CASE("exec: no descriptor goes along, and what was inherited on purpose does") {
  everywhere([](Site &site, Held &held) {
    // The child has no way to find it by name: it looks for the inode among its descriptors.
    const auto shell = [&](const std::string &extra) {
      const std::string script = "for f in /proc/self/fd/*; do test \"$f\" -ef '" + site.path() + "' && exit 1; done; exit 0";
      pid_t pid = 0;
      const char *arguments[] = {"sh", "-c", script.c_str(), extra.c_str(), nullptr};
      if (posix_spawn(&pid, "/bin/sh", nullptr, nullptr, const_cast<char **>(arguments), environ) != 0) return -1;
      int status = 0;
      waitpid(pid, &status, 0);
      return WEXITSTATUS(status);
    };
    CHECK(shell("") == 0);
    const int copy = *held.tenure->inherit();
    CHECK(shell("") == 1);
    ::close(copy);
    CHECK(shell("") == 0);
  });
}

TEST_CASE("inherit: the lock outlives a killed holder as long as its child, and an orderly release takes it from the child") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    for (const bool killed : {true, false}) {
      CAPTURE(killed);
      Site site(base);
      Held next;
      int pipe_ends[2];
      REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
      Child holder([&] {
        Held held;
        if (!landed(site.create(held, "held"))) return 1;
        const int copy = *held.tenure->inherit();
        const pid_t child = fork();
        if (child == 0) {
          ::close(pipe_ends[1]);
          char byte;
          while (::read(pipe_ends[0], &byte, 1) > 0) continue;
          _exit(0);
        }
        ::close(copy);
        if (!landed(site.keep(held, "held 2"))) return 2;
        raise(SIGSTOP);
        return done(site.remove(held)) ? 0 : 3;
      });
      REQUIRE(holder.stopped());
      if (killed) {
        holder.kill(SIGKILL);
        CHECK(holder.wait() == -SIGKILL);
        CHECK(refused(site.acquire(next, "next")));  // its child works on
        CHECK(site.look()->life == Life::alive);
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
        while (site.look()->life == Life::alive) sched_yield();  // until the child has gone
        CHECK(landed(site.acquire(next, "next")));
      } else {
        holder.go_on();
        CHECK(holder.wait() == 0);
        CHECK(landed(site.acquire(next, "next")));  // although the child has its copy
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
      }
    }
  }
}

TEST_CASE("inherit: a holder killed inside its guard does not leave the guard to its child") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    Site site(base);
    int pipe_ends[2];
    REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
    Child holder([&] {
      Held held;
      if (!landed(site.create(held, "held"))) return 1;
      const int copy = *held.tenure->inherit();
      if (fork() == 0) {
        ::close(pipe_ends[1]);
        char byte;
        while (::read(pipe_ends[0], &byte, 1) > 0) continue;
        _exit(0);
      }
      ::close(copy);
      const OsCalls calls(signal_at("pwrite", 1, SIGSTOP));
      return landed(site.keep(held, "held 2")) ? 0 : 2;
    });
    REQUIRE(holder.stopped());
    Held thief;
    const Version judged = site.look()->version;
    CHECK(status(site.put(thief, "thief", judged, Step::seize, within(std::chrono::milliseconds(20)))) == Status::UNAVAILABLE);
    holder.kill(SIGKILL);
    holder.wait();
    CHECK(site.look()->life == Life::alive);
    CHECK(landed(site.put(thief, "thief", judged, Step::seize)));  // not wedged
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
  }
}
