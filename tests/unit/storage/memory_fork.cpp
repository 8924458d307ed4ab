// RELIABILITY §7: a forked child begins with empty memories and cannot touch its parent's.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "memory_support.hpp"

using namespace vfslock::impl;

namespace {

// What the child answers; its exit code is the number of the first step that failed.
template <class Child>
int forked(Child child) {
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status = -1;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

}  // namespace

TEST_CASE("a child finds nothing of its parent's, and leaves it alone") {
  MemoryStore store;
  TenurePtr tenure;
  const auto landed = std::get<Landed>(begin(store, "k", "parent", tenure));
  std::unique_ptr<Wakeup> hint;
  store.arm("k", hint);
  int fds[2];
  REQUIRE(hint->descriptors(fds) == 1);

  const int failed = forked([&] {
    int none[2];
    if (fcntl(fds[0], F_GETFD) != -1) return 1;   // it would wake the parent
    if (hint->descriptors(none) != 0) return 2;
    auto seen = store.get("k", Reading::exact, Call{});
    if (!seen || *seen) return 3;
    auto kept = store.put("k", text("child"), landed.version, Step::keep, tenure, Call{});
    if (!kept || !std::holds_alternative<Refused>(*kept)) return 4;
    TenurePtr own;
    auto put = store.put("k", text("child"), IfAbsent{}, Step::begin, own, Call{});
    if (!put || !std::holds_alternative<Landed>(*put)) return 5;
    if (std::get<Landed>(*put).version == landed.version) return 6;
    tenure.reset();
    auto again = store.get("k", Reading::exact, Call{});
    if (!again || !*again || (**again).life != Life::alive) return 7;
    std::unique_ptr<Wakeup> fresh;
    store.arm("k", fresh);
    own.reset();
    if (fresh->descriptors(none) != 1) return 8;
    pollfd ready{none[0], POLLIN, 0};
    return poll(&ready, 1, 0) == 1 ? 0 : 9;
  });
  CHECK(failed == 0);

  CHECK(look(store, "k")->bytes == "parent");
  CHECK(look(store, "k")->life == Life::alive);
  pollfd ready{fds[0], POLLIN, 0};
  CHECK(poll(&ready, 1, 0) == 0);
}

TEST_CASE("a child of a busy process finds the mutex free") {
  MemoryStore store;
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) store.plant("k", "x");
  });
  int failed = 0;
  for (int i = 0; i < 50; ++i)
    failed += forked([&] {
      alarm(60);
      return store.get("k", Reading::hint, Call{}) ? 0 : 1;
    });
  stop = true;
  busy.join();
  CHECK(failed == 0);
}
