#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <atomic>
#include <vector>

#include "bench.hpp"
#include "subject.hpp"
#include "workers.hpp"

namespace bench {

namespace {

constexpr int most = 64;

struct Board {
  std::atomic<int> ready{0};
  std::atomic<bool> go{false}, stop{false};
  std::array<std::atomic<std::int64_t>, most> holds{};
};

void hold() {
  const timespec length{0, 1'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
}

template <class Loop>
double holds_per_second(const Settings &settings, Loop loop) {
  InSharedMemory<Board> board;
  std::vector<pid_t> children;
  for (int i = 0; i < settings.crowd; ++i) {
    children.push_back(start([&, i] {
      loop([&] {  // called once it is ready, then for each hold
        if (board->ready.load() < settings.crowd) {
          ++board->ready;
          while (!board->go) hold();
        }
        return !board->stop;
      }, [&] {
        hold();
        ++board->holds[static_cast<std::size_t>(i)];
      });
    }));
  }
  while (board->ready < settings.crowd) hold();
  const std::int64_t began = now_ns();
  board->go = true;
  const timespec length{static_cast<time_t>(settings.crowd_seconds),
                        static_cast<long>((settings.crowd_seconds - static_cast<time_t>(settings.crowd_seconds)) * 1e9)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
  std::int64_t holds = 0;
  for (const auto &count : board->holds) holds += count;
  const double seconds = static_cast<double>(now_ns() - began) / 1e9;
  board->stop = true;
  for (const pid_t child : children) finish(child);
  return static_cast<double>(holds) / seconds;
}

double by_vfslock(const std::string &folder, bool keep, const Settings &settings) {
  return holds_per_second(settings, [&](auto go_on, auto stay) {
    Subject subject(folder, keep);
    while (go_on()) {
      vfslock_lock *lock = subject.acquire(VFSLOCK_WAIT_FOREVER);
      stay();
      subject.release(lock);
    }
  });
}

double by_flock(const std::string &path, const Settings &settings) {
  return holds_per_second(settings, [&](auto go_on, auto stay) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (go_on()) {
      if (flock(fd, LOCK_EX) != 0) throw std::system_error(errno, std::generic_category(), "flock");
      stay();
      flock(fd, LOCK_UN);
    }
    close(fd);
  });
}

}  // namespace

Crowd crowd(const std::string &folder, const Settings &settings) {
  Crowd out;
  for (int round = 0; round < settings.crowd_rounds; ++round) {
    progress(std::to_string(settings.crowd) + " processes: round " + std::to_string(round + 1) + " of " +
             std::to_string(settings.crowd_rounds));
    out.removed.add(by_vfslock(folder + "/removed", false, settings));
    out.flock.add(by_flock(folder + "/bare/flock", settings));
    out.kept.add(by_vfslock(folder + "/kept", true, settings));
  }
  return out;
}

}  // namespace bench
