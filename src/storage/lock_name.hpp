#pragma once
// Where the lock of a file lives: beside it, under a name that everybody who shares the lock must make alike.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl {

constexpr std::string_view default_lock_pattern = "{name}.lock";

// The companion of a path's or key's last segment: "in/data.csv" -> "in/data.csv.lock". INVALID_ARGUMENT for a
// pattern that would name another place or the file itself, INVALID_URI where there is no last segment.
Result<std::string> lock_name(std::string_view path, std::string_view pattern);

// The file whose lock has this name: the other way round. nullopt: it is no lock's name.
std::optional<std::string> locked_name(std::string_view lock, std::string_view pattern);

}  // namespace vfslock::impl
