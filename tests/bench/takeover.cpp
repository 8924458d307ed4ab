#include <fcntl.h>
#include <sys/file.h>

#include <atomic>
#include <fstream>
#include <string>

#include "bench.hpp"
#include "subject.hpp"
#include "workers.hpp"

namespace bench {

namespace {

struct Board {
  std::atomic<bool> held{false};
  std::atomic<bool> waiting{false};
  std::atomic<std::int64_t> entered{0};
};

void moment() {
  const timespec length{0, 200'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
}

// How often it went to sleep, if it sleeps now.
std::string sleeps(pid_t pid) {
  std::ifstream about("/proc/" + std::to_string(pid) + "/status");
  std::string line, out;
  for (bool asleep = false; std::getline(about, line);) {
    asleep = asleep || line.rfind("State:\tS", 0) == 0;
    if (asleep && line.rfind("voluntary_ctxt_switches:", 0) == 0) out = line;
  }
  return out;
}

// It called, and has not run for two milliseconds: it waits for the lock.
void until_blocked(pid_t pid) {
  for (std::string before;;) {
    const std::string now = sleeps(pid);
    if (!now.empty() && now == before) return;
    before = now;
    for (int i = 0; i < 10; ++i) moment();
  }
}

template <class Acquire>
double microseconds(Acquire acquire) {
  InSharedMemory<Board> board;
  const pid_t holder = start([&] {
    acquire([&] {
      board->held = true;
      for (;;) pause();
    });
  });
  while (!board->held) moment();
  const pid_t waiter = start([&] {
    board->waiting = true;
    acquire([&] { board->entered = now_ns(); });
  });
  while (!board->waiting) moment();
  until_blocked(waiter);
  const std::int64_t killed = now_ns();
  kill_and_reap(holder);
  finish(waiter);
  return static_cast<double>(board->entered - killed) / 1000;
}

double by_vfslock(const std::string &folder, bool keep) {
  return microseconds([&](auto inside) {
    Subject subject(folder, keep);
    vfslock_lock *lock = subject.acquire(VFSLOCK_WAIT_FOREVER);
    inside();
    subject.release(lock);
  });
}

double by_flock(const std::string &path) {
  return microseconds([&](auto inside) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (flock(fd, LOCK_EX) != 0) throw std::system_error(errno, std::generic_category(), "flock");
    inside();
    flock(fd, LOCK_UN);
    close(fd);
  });
}

}  // namespace

Takeover takeover(const std::string &folder, const Settings &settings) {
  Takeover out;
  for (int i = 0; i < settings.kills; ++i) {
    if (i % 20 == 0) progress("takeover: kill " + std::to_string(i) + " of " + std::to_string(settings.kills));
    out.removed.add(by_vfslock(folder + "/removed", false));
    out.flock.add(by_flock(folder + "/bare/flock"));
    out.kept.add(by_vfslock(folder + "/kept", true));
  }
  return out;
}

}  // namespace bench
