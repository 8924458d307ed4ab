#pragma once
#include <algorithm>

#include "lock/lock.hpp"

namespace vfslock::impl {

// Decorrelated jitter: each pause is drawn between the first and three times the last one, up to a cap (R21).
class Backoff {
 public:
  Backoff(Duration first, Duration cap) : first_(std::min(first, cap)), cap_(cap), last_(first_) {}

  Duration next(Random &random) {
    last_ = std::min(cap_, between(random, first_, last_ * 3));
    return last_;
  }

 private:
  Duration first_;
  Duration cap_;
  Duration last_;
};

}  // namespace vfslock::impl
