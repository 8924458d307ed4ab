#include "lock/lock.hpp"

#include <algorithm>
#include <cstring>

namespace vfslock::impl {

Duration request_time(Duration lease, const Guarantee &guarantee) {
  constexpr Duration most = std::chrono::seconds(10);
  const Duration time = lease == Duration::zero() ? most : std::min(lease / 6, most);
  // On one machine a busy scheduler, not a network, is what takes time.
  return guarantee.shared_clock ? std::max<Duration>(time, std::chrono::seconds(1)) : time;
}

std::string nonce(Random &random) {
  unsigned char bytes[16];
  random.fill(bytes, sizeof bytes);
  std::string text;
  text.reserve(2 * sizeof bytes);
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Duration between(Random &random, Duration low, Duration high) {
  if (high <= low) return low;
  return low + Duration(static_cast<std::int64_t>(dice(random) % (static_cast<std::uint64_t>((high - low).count()) + 1)));
}

}  // namespace vfslock::impl
