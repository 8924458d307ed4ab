#pragma once
#include <string>
#include <string_view>

namespace vfslock::impl {

// SHA-256 as 64 lower-case hex digits: the id of records that have none of their own, and versions of local files.
std::string sha256_hex(std::string_view bytes);

}  // namespace vfslock::impl
