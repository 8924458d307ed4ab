#include "lock/belief.hpp"

#include <algorithm>

namespace vfslock::impl {
namespace {

std::int64_t ns(BootTime t) { return t.time_since_epoch().count(); }

std::int64_t offset(BootTime now, WallTime wall) { return wall.time_since_epoch().count() - ns(now); }

}  // namespace

Belief::Belief(BootTime deadline, BootTime now, WallTime wall, Duration lease) : word_(ns(deadline)) {
  anchor(now, wall, lease);
}

void Belief::anchor(BootTime now, WallTime wall, Duration lease) {
  offset_ns_.store(offset(now, wall), std::memory_order_relaxed);
  // Without a lease no time rule can take the lock away, so no clock step matters.
  const Duration bound = lease == Duration::zero() ? Duration::max() : std::max<Duration>(std::chrono::seconds(1), lease / 10);
  bound_ns_.store(bound.count(), std::memory_order_release);
}

// Ends belief if the word is still what was seen; else tells what it is now.
bool Belief::end(std::int64_t &seen, Loss reason) {
  return word_.compare_exchange_strong(seen, static_cast<std::int64_t>(reason), std::memory_order_acq_rel);
}

State Belief::state(BootTime now, WallTime wall) {
  std::int64_t word = word_.load(std::memory_order_acquire);
  for (;;) {
    if (word == released) return State::released;
    if (is_loss(word)) return State::lost;
    const std::int64_t until = word > 0 ? word : -word;
    if (until != ns(never) && ns(now) >= until) {
      // R8: whoever has once been told "no" for good must never hear "held" again, so seeing the end makes it final.
      if (end(word, trouble_.load(std::memory_order_relaxed) ? Loss::unreachable : Loss::expired)) return State::lost;
      continue;
    }
    if (word < 0) return State::suspect;
    const std::int64_t drift = offset(now, wall) - offset_ns_.load(std::memory_order_relaxed);
    const std::int64_t bound = bound_ns_.load(std::memory_order_acquire);
    if (drift <= bound && drift >= -bound) return State::held;
    if (word_.compare_exchange_strong(word, -word, std::memory_order_acq_rel)) return State::suspect;  // R15
  }
}

BootTime Belief::deadline() const {
  const std::int64_t word = word_.load(std::memory_order_acquire);
  if (is_loss(word) || word == released) return BootTime{};
  return BootTime(Duration(word > 0 ? word : -word));
}

Loss Belief::loss() const {
  const std::int64_t word = word_.load(std::memory_order_acquire);
  return is_loss(word) ? static_cast<Loss>(word) : Loss::none;
}

bool Belief::extend(BootTime deadline, BootTime now, WallTime wall, Duration lease) {
  std::int64_t word = word_.load(std::memory_order_acquire);
  for (;;) {
    if (is_loss(word) || word == released) return false;
    const BootTime until(Duration(word > 0 ? word : -word));
    if (until != never && now >= until) {  // R8: between the old deadline and now somebody may have heard "no"
      if (end(word, Loss::expired)) return false;
      continue;
    }
    anchor(now, wall, lease);  // first, or another thread could measure a new deadline by the old anchor
    if (word_.compare_exchange_strong(word, ns(deadline), std::memory_order_acq_rel)) return true;
  }
}

void Belief::doubt() { word_.store(-ns(never), std::memory_order_release); }

void Belief::lower(BootTime deadline) {
  std::int64_t word = word_.load(std::memory_order_acquire);
  for (;;) {
    if (is_loss(word) || word == released) return;
    const std::int64_t until = word > 0 ? word : -word;
    if (until <= ns(deadline)) return;
    if (word_.compare_exchange_strong(word, word > 0 ? ns(deadline) : -ns(deadline), std::memory_order_acq_rel)) return;
  }
}

bool Belief::lose(Loss reason) {
  std::int64_t word = word_.load(std::memory_order_acquire);
  while (!is_loss(word) && word != released)
    if (end(word, reason)) return true;
  return false;
}

State Belief::stop() {
  std::int64_t word = word_.load(std::memory_order_acquire);
  for (;;) {
    if (is_loss(word)) return State::lost;
    if (word == released) return State::released;
    if (word_.compare_exchange_strong(word, released, std::memory_order_acq_rel))
      return word > 0 ? State::held : State::suspect;
  }
}

}  // namespace vfslock::impl
