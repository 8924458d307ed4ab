#include "runtime/ambient.hpp"

#include <thread>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.hpp"

using namespace vfslock::impl;
using namespace std::chrono_literals;

namespace {

class EventHint final : public Wakeup {
 public:
  EventHint() : fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~EventHint() override { close(fd); }
  std::size_t descriptors(int (&fds)[2]) override {
    fds[0] = fd;
    return 1;
  }
  void drain() override {}
  std::optional<Duration> look_again() override { return std::nullopt; }
  void ring() const {
    const std::uint64_t one = 1;
    CHECK(write(fd, &one, sizeof one) == sizeof one);
  }
  int fd;
};

}  // namespace

TEST_CASE("a sleep ends at its time, not before, however short or long past it is") {
  RealClock clock;
  for (const Duration time : {Duration(-1s), Duration(0), Duration(50us), Duration(3ms)}) {
    const BootTime until = clock.now() + time;
    CHECK(clock.sleep(until, nullptr, nullptr) == Woke::time);
    CHECK(clock.now() >= until);
  }
}

TEST_CASE("a sleep ends at once when it is cancelled, before or meanwhile") {
  RealClock clock;
  Cancel cancel;
  std::thread other([&] {
    clock.sleep(clock.now() + 5ms, nullptr, nullptr);
    cancel.trigger();
  });
  CHECK(clock.sleep(never, nullptr, &cancel) == Woke::cancelled);
  other.join();
  CHECK(clock.sleep(never, nullptr, &cancel) == Woke::cancelled);
}

TEST_CASE("a sleep ends at a hint, and a cancellation goes before a hint") {
  RealClock clock;
  EventHint hint;
  Cancel cancel;
  hint.ring();
  CHECK(clock.sleep(never, &hint, &cancel) == Woke::hint);
  cancel.trigger();
  CHECK(clock.sleep(never, &hint, &cancel) == Woke::cancelled);
}

TEST_CASE("a hint whose descriptor was closed under us does not wake, nor burn the processor") {
  RealClock clock;
  EventHint hint;
  close(hint.fd);
  const BootTime until = clock.now() + 20ms;
  CHECK(clock.sleep(until, &hint, nullptr) == Woke::time);
  CHECK(clock.now() >= until);
  hint.fd = -1;
}

TEST_CASE("a child that triggers its copy of a cancel wakes itself, not its parent") {
  RealClock clock;
  Cancel cancel;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    cancel.trigger();
    _exit(clock.sleep(never, nullptr, &cancel) == Woke::cancelled ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  pollfd fd = {cancel.descriptor(), POLLIN, 0};
  CHECK(poll(&fd, 1, 0) == 0);
  CHECK_FALSE(cancel.is_triggered());
}

TEST_CASE("the host's name is text that a record can hold") {
  CHECK(is_utf8(host_name()));
  CHECK_FALSE(host_name().empty());
}
