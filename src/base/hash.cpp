#include "base/hash.hpp"

#include <nettle/sha2.h>

#include "base/clock.hpp"

namespace vfslock::impl {

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 0xF];
  }
  return out;
}

std::string random_hex(std::size_t digits) {
  std::string bytes(digits / 2, '\0');
  random_bytes(bytes.data(), bytes.size());
  return hex(bytes);
}

std::string sha256(std::string_view bytes) {
  sha256_ctx hash;
  sha256_init(&hash);
  sha256_update(&hash, bytes.size(), reinterpret_cast<const std::uint8_t *>(bytes.data()));
  std::string out(SHA256_DIGEST_SIZE, '\0');
  sha256_digest(&hash, out.size(), reinterpret_cast<std::uint8_t *>(out.data()));
  return out;
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

}  // namespace vfslock::impl
