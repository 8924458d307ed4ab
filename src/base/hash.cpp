#include "base/hash.hpp"

#include <openssl/evp.h>

#include "base/clock.hpp"
#include "base/result.hpp"

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
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  auto *digest = reinterpret_cast<unsigned char *>(out.data());
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1)
    throw Failure{Error{Status::INTERNAL, "libcrypto does not give SHA-256"}};
  out.resize(size);
  return out;
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

}  // namespace vfslock::impl
