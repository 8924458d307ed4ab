#pragma once
// The figures of `tools/bench library`: what the whole of it costs, where there is little to compare it with.
#include <sys/resource.h>

#include <string>

namespace bench {

struct Kept {
  double core = 0;       // part of one processor
  double megabytes = 0;  // that the process grew by
  int late = 0;          // warnings, losses, and locks that are not held at the end
  double least_left_ms = 0;
};
// One process holds many locks in memory, TTL 10 s, each renewed in the background.
Kept kept(int locks, double seconds);

struct Waiters {
  double core = 0;           // part of one processor while the holder stays
  double sleeps = 0;         // how often a thread went to sleep in each second of that
  double release_sleeps = 0; // the same in the second after one release, less what that second has anyway
  double release_core = 0;
};
// Threads of ten processes wait for one lock.
Waiters waiters(const std::string &folder, int threads, double seconds);

inline double cpu_seconds(const rusage &use) {
  return static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
         static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

void nap(double seconds);

}  // namespace bench
