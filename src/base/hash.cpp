#include "base/hash.hpp"

#include <openssl/err.h>
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
  ERR_set_mark();  // the thread's queue of errors is the program's
  const bool done = EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) == 1;
  ERR_pop_to_mark();
  if (!done) throw Failure{Error{Status::UNAVAILABLE, "libcrypto gives no SHA-256: it has no memory, or is set up without it"}};
  out.resize(size);
  return out;
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

}  // namespace vfslock::impl
