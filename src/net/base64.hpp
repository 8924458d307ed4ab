#pragma once
#include <string>
#include <string_view>

namespace vfslock::impl::net {

std::string base64(std::string_view bytes);  // RFC 4648 §4, with padding
std::string sha256(std::string_view bytes);  // 32 bytes

}  // namespace vfslock::impl::net
