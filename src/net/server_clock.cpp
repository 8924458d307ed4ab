#include "net/server_clock.hpp"

#include "base/clock.hpp"

namespace vfslock::impl::net {

// Each sample is a lower bound: a Date's fraction is cut off and the answer took its time. The greatest is the best
// one, unless the server's clock was set: then the newest counts.
void ServerClock::note(WallTime date, BootTime received) noexcept {
  constexpr std::int64_t step = 15'000'000'000;  // ns; more than the slowest answer (R11) and the cut fraction explain
  const std::int64_t sample = date.time_since_epoch().count() - received.time_since_epoch().count();
  std::int64_t kept = offset_ns_.load(std::memory_order_relaxed);
  while (kept == unknown || sample > kept || sample < kept - step)
    if (offset_ns_.compare_exchange_weak(kept, sample, std::memory_order_relaxed)) return;
}

void ServerClock::begin_with(Duration offset) noexcept {
  std::int64_t nothing = unknown;
  offset_ns_.compare_exchange_strong(nothing, offset.count(), std::memory_order_relaxed);
}

std::optional<Duration> ServerClock::offset() const noexcept {
  const std::int64_t offset = offset_ns_.load(std::memory_order_relaxed);
  return offset == unknown ? std::nullopt : std::optional(Duration(offset));
}

std::optional<WallTime> ServerClock::now() const noexcept {
  const auto known = offset();
  if (!known) return std::nullopt;
  return WallTime(boot_now().time_since_epoch() + *known);
}

}  // namespace vfslock::impl::net
