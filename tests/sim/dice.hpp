#pragma once
// All chance of a run comes from one seed (splitmix64), so that a seed is a run.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace vfslock::sim {

using impl::Duration;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x1234567) {}

  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }
  bool chance(std::uint64_t per_thousand) { return below(1000) < per_thousand; }
  Duration between(Duration low, Duration high) {
    return high <= low ? low : low + Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((high - low).count()) + 1)));
  }
  template <class T>
  T one_of(const std::vector<T> &choices) {
    return choices[below(choices.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace vfslock::sim
