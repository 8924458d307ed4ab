#pragma once
// What the torture programs share: the C interface with short words, and findings that also forked children can have.
#include <cstdio>
#include <string>

#include <unistd.h>
#include <vfslock/vfslock.h>

#include "support/folder.hpp"

namespace vfslock::torture {

inline std::string context;  // what is being tried, shown with each finding
inline int findings = 0;

inline bool expect(bool good, const std::string &what) {
  if (good) return true;
  ++findings;
  std::fprintf(stderr, "%s: %s\n", context.c_str(), what.c_str());
  return false;
}

// Waits, with a generous bound, for what other threads do.
template <class Condition>
bool come_true(Condition condition) {
  for (int looks = 0; looks < 30'000 && findings < 20; ++looks) {
    if (condition()) return true;
    usleep(1'000);
  }
  return false;
}

struct Options {
  explicit Options(std::int64_t ttl_ms, bool renewal = false) {
    vfslock_options_new(&at, nullptr);
    vfslock_options_set_ttl_ms(at, ttl_ms, nullptr);
    vfslock_options_set_renewal(at, renewal, nullptr);
  }
  ~Options() { vfslock_options_free(at); }
  Options(const Options &) = delete;
  Options &operator=(const Options &) = delete;
  operator vfslock_options *() const { return at; }

  vfslock_options *at = nullptr;
};

inline vfslock_lock *acquire(const std::string &uri, const vfslock_options *options, std::int64_t wait_ms = VFSLOCK_NO_WAIT) {
  vfslock_lock *lock = nullptr;
  vfslock_acquire(nullptr, uri.c_str(), options, wait_ms, nullptr, &lock, nullptr);
  return lock;
}

// A report's state, or the status of an inspect that failed.
inline std::int32_t standing(const std::string &uri) {
  vfslock_report *report = nullptr;
  const vfslock_status status = vfslock_inspect(nullptr, uri.c_str(), VFSLOCK_OWN_BOUND, nullptr, &report, nullptr);
  const std::int32_t state = status == VFSLOCK_OK ? vfslock_report_state(report) : status;
  vfslock_report_free(report);
  return state;
}

inline bool free_to_take(std::int32_t state) {
  return state == VFSLOCK_REPORT_FREE || state == VFSLOCK_REPORT_STALE || state == VFSLOCK_REPORT_RELEASED;
}

inline int temporaries(const impl::test::Folder &folder) {
  int count = 0;
  for (const std::string &name : folder.names()) count += name.rfind(".vfslock.", 0) == 0;
  return count;
}

}  // namespace vfslock::torture
