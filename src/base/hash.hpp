#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace vfslock::impl {

std::string hex(std::string_view bytes);     // two lower-case digits each
std::string random_hex(std::size_t digits);  // an even number of them, from the kernel
std::string sha256(std::string_view bytes);  // 32 bytes

// The id of records that have none of their own, versions of local files, hashes that servers ask for.
std::string sha256_hex(std::string_view bytes);

}  // namespace vfslock::impl
