#pragma once
// Time, sleep and randomness as the protocol sees them. In production they block the calling thread; in the
// simulator they switch to another activity, so that the same protocol code runs in both.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/cancel.hpp"
#include "base/time.hpp"

namespace vfslock::impl {

// A hint that a key may have changed, from Store::arm. Never needed for correctness: who sleeps on it also polls.
class Wakeup {
 public:
  virtual ~Wakeup() = default;

  // Descriptors that become readable at a change; returns how many of the two were set (0: cannot be polled).
  virtual std::size_t descriptors(int (&fds)[2]) = 0;

  // Takes all news that have come so far. Called before each look, so that no later news is lost with them.
  virtual void drain() = 0;

  // After a look that found nothing new: how soon another look is worth it although nothing more is announced
  // (a kernel drops a dead holder's lock some microseconds after it announces the death). nullopt: not sooner
  // than the poll.
  virtual std::optional<Duration> look_again() = 0;
};

enum class Woke { time, hint, cancelled };

class Clock {
 public:
  virtual ~Clock() = default;
  virtual BootTime now() = 0;   // counts suspend
  virtual WallTime wall() = 0;  // for people, foreign records, and to notice clock steps (R15)

  // Sleeps until `until`, a hint (may be spurious), or a cancellation. hint and cancel may be null.
  virtual Woke sleep(BootTime until, Wakeup *hint, const Cancel *cancel) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(void *out, std::size_t size) = 0;
};

// For pauses, which are merely less well spread where there is no randomness: on a thread of the library nobody could
// be told that it failed.
inline std::uint64_t dice(Random &random) noexcept {
  std::uint64_t bits = 0;
  try {
    random.fill(&bits, sizeof bits);
  } catch (...) {
  }
  return bits;
}

}  // namespace vfslock::impl
