#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>
#include <vector>

#include <vfslock/vfslock.h>

#include "library.hpp"
#include "series.hpp"
#include "workers.hpp"

namespace bench {

namespace {

double resident_megabytes() {
  double total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

std::int32_t count(void *counter, const vfslock_event *) {
  ++*static_cast<std::atomic<int> *>(counter);
  return 0;
}

Kept measure(int locks, double seconds) {
  std::atomic<int> late{0};
  std::vector<vfslock_lock *> held(static_cast<std::size_t>(locks));
  const double before = resident_megabytes();
  vfslock_options *options = nullptr;
  vfslock_options_new(&options, nullptr);
  vfslock_options_set_ttl_ms(options, 10'000, nullptr);
  vfslock_options_on_at_risk(options, count, &late, nullptr, nullptr);
  vfslock_options_on_lost(options, count, &late, nullptr, nullptr);
  int number = 0;
  for (vfslock_lock *&lock : held) {
    const std::string uri = "mem://bench/" + std::to_string(number++);
    if (vfslock_acquire(nullptr, uri.c_str(), options, VFSLOCK_NO_WAIT, nullptr, &lock, nullptr) != VFSLOCK_OK) {
      throw std::runtime_error("a lock in memory was refused");
    }
  }
  rusage start{}, end{};
  getrusage(RUSAGE_SELF, &start);
  const std::int64_t began = now_ns();
  nap(seconds);
  getrusage(RUSAGE_SELF, &end);
  Kept out;
  out.core = (cpu_seconds(end) - cpu_seconds(start)) / (static_cast<double>(now_ns() - began) / 1e9);
  out.megabytes = resident_megabytes() - before;
  out.least_left_ms = 10'000;
  for (vfslock_lock *lock : held) {
    out.least_left_ms = std::min(out.least_left_ms, static_cast<double>(vfslock_lock_remaining_ms(lock)));
    if (!vfslock_lock_is_held(lock)) ++late;
  }
  out.late = late;
  return out;
}

}  // namespace

Kept kept(int locks, double seconds) {
  InSharedMemory<Kept> out;
  finish(start([&] { *out = measure(locks, seconds); }));  // a process that has done nothing yet
  return *out;
}

}  // namespace bench
