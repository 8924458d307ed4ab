#pragma once
// Pauses between requests: what the server asked for, or decorrelated jitter; always within the call's time.
#include <optional>

#include "base/call.hpp"
#include "net/http.hpp"

namespace vfslock::impl::net {

// Retry-After in seconds or as a date; nullopt where there is none, or nonsense. At least one second.
std::optional<Duration> retry_after(const Answer &answer);

class Pauses {
 public:
  Pauses(Duration first, Duration longest) : first_(first), longest_(longest), last_(first) {}

  // Sleeps for the next pause. False where the call would be over before its end, or has been cancelled.
  bool take(const Call &call);

 private:
  Duration first_, longest_, last_;
};

}  // namespace vfslock::impl::net
