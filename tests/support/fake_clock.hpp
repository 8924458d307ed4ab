#pragma once
// Time that moves only when a test says so, and randomness that is the same at every run.
#include <functional>
#include <map>

#include <poll.h>

#include "seam/clock.hpp"

namespace vfslock::impl {

class FakeClock final : public Clock {
 public:
  BootTime now() override { return now_; }
  WallTime wall() override { return wall_; }

  // Sleeping moves the time; what was planned with at() happens on the way.
  Woke sleep(BootTime until, Wakeup *hint, const Cancel *cancel) override {
    ++sleeps;
    for (;;) {
      if (cancel && cancel->is_triggered()) return Woke::cancelled;
      if (hint && readable(*hint)) return Woke::hint;
      if (events_.empty() || events_.begin()->first > until) break;
      auto event = events_.extract(events_.begin());
      move_to(event.key());
      event.mapped()();
    }
    move_to(until);
    return Woke::time;
  }

  void advance(Duration by) { move_to(now_ + by); }
  void step_wall(Duration by) { wall_ += by; }
  void at(Duration from_now, std::function<void()> event) { events_.emplace(now_ + from_now, std::move(event)); }

  int sleeps = 0;

 private:
  void move_to(BootTime to) {
    if (to <= now_) return;
    wall_ += to - now_;
    now_ = to;
  }
  static bool readable(Wakeup &hint) {
    int fds[2] = {-1, -1};
    pollfd polled[2];
    const std::size_t count = hint.descriptors(fds);
    for (std::size_t i = 0; i < count; ++i) polled[i] = {fds[i], POLLIN, 0};
    return count > 0 && poll(polled, count, 0) > 0;
  }

  BootTime now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::hours(24 * 365 * 56)};
  std::multimap<BootTime, std::function<void()>> events_;
};

// splitmix64: every bit pattern is fine as a seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}
  void fill(void *out, std::size_t size) override {
    auto *at = static_cast<unsigned char *>(out);
    for (std::size_t i = 0; i < size; ++i) at[i] = static_cast<unsigned char>(next() >> 32);
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace vfslock::impl
