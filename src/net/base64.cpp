#include "net/base64.hpp"

#include <nettle/base64.h>

namespace vfslock::impl::net {

std::string base64(std::string_view bytes) {
  std::string out(BASE64_ENCODE_RAW_LENGTH(bytes.size()), '\0');
  base64_encode_raw(out.data(), bytes.size(), reinterpret_cast<const std::uint8_t *>(bytes.data()));
  return out;
}

}  // namespace vfslock::impl::net
