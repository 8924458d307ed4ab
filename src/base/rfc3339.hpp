#pragma once
// Points in time as text, the same in every locale (INTEROP §1, §3).
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace vfslock::impl {

// UTC with Z and 0 to 9 digits of a second's fraction: "2026-05-04T10:00:00.5Z".
std::string format_rfc3339(WallTime time);

// Takes any offset and any number of fraction digits (those below a nanosecond are dropped), but only upper-case T
// and Z. Stays at the ends of time where the year is outside what WallTime can hold (1677 to 2262).
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace vfslock::impl
