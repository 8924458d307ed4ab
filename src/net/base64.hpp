#pragma once
#include <string>
#include <string_view>

namespace vfslock::impl::net {

std::string base64(std::string_view bytes);  // RFC 4648 §4, with padding

}  // namespace vfslock::impl::net
