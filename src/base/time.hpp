#pragma once
// Points in time and durations. Reading a clock is base/clock's job alone; these are only the types.
#include <chrono>
#include <cstdint>

namespace vfslock::impl {

using Duration = std::chrono::nanoseconds;

// Time since boot, suspend included: the only clock by which leases are counted (RELIABILITY §3).
struct BootClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

// Time since 1970-01-01T00:00:00Z: for people, for foreign records and for token floors, never for a lease.
struct WallClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;

constexpr BootTime never = BootTime::max();

// t + d that stays at the end of time instead of wrapping (a TTL of 0 never ends).
template <class Clock>
constexpr std::chrono::time_point<Clock, Duration> saturating_add(std::chrono::time_point<Clock, Duration> t, Duration d) {
  using Time = std::chrono::time_point<Clock, Duration>;
  if (d > Duration::zero() && t > Time::max() - d) return Time::max();
  if (d < Duration::zero() && t < Time::min() - d) return Time::min();
  return t + d;
}

}  // namespace vfslock::impl
