#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl::net {

std::string lower(std::string_view text);                           // ASCII
std::string_view trimmed(std::string_view text);                    // without blanks and line ends at its ends
std::string printable(std::string_view text, std::size_t longest);  // one line for a message, whatever the bytes
bool has_control_bytes(std::string_view text);

// A configuration or token file, whole, at most 64 KiB. The error names it: NOT_FOUND, PERMISSION_DENIED,
// INVALID_ARGUMENT (a directory, too long) or UNAVAILABLE.
Result<std::string> read_file(const std::string &path);

}  // namespace vfslock::impl::net
