#pragma once
#include <string>
#include <string_view>

namespace vfslock::impl {

std::string hex(std::string_view bytes);  // two lower-case digits each

// SHA-256 in hex: the id of records that have none of their own, versions of local files, hashes that servers ask for.
std::string sha256_hex(std::string_view bytes);

}  // namespace vfslock::impl
