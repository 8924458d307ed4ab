#include "base/hash.hpp"

#include <openssl/evp.h>

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

std::string sha256_hex(std::string_view bytes) {
  char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char *>(digest), &size, EVP_sha256(), nullptr) != 1)
    throw Failure{Error{Status::INTERNAL, "libcrypto does not give SHA-256"}};
  return hex({digest, size});
}

}  // namespace vfslock::impl
