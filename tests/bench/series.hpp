#pragma once
// Many measurements of one thing.
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

namespace bench {

inline std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class Series {
 public:
  void add(double value) { values_.push_back(value); }
  std::size_t size() const { return values_.size(); }
  double at(std::size_t index) const { return values_[index]; }
  double quantile(double part) const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5)];
  }
  double median() const { return quantile(0.5); }

 private:
  std::vector<double> values_;
};

// The middle half of what the rounds say, each round by itself: how far a ratio can be trusted.
inline Series ratios(const Series &a, const Series &b) {
  Series out;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) out.add(a.at(i) / b.at(i));
  return out;
}

}  // namespace bench
