#pragma once
// A server's clock, learned from the Date of its answers, told on the boot clock of this host.
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace vfslock::impl::net {

class ServerClock {
 public:
  ServerClock() = default;

  // `date` has whole seconds and was right at some moment before `received`.
  void note(WallTime date, BootTime received) noexcept;
  void begin_with(Duration offset) noexcept;  // what another process had learned

  // Never ahead of the server's clock, as long as that is not set back; nullopt before the first answer.
  std::optional<Duration> offset() const noexcept;
  std::optional<WallTime> now() const noexcept;

 private:
  static constexpr std::int64_t unknown = INT64_MIN;
  std::atomic<std::int64_t> offset_ns_{unknown};
};

}  // namespace vfslock::impl::net
