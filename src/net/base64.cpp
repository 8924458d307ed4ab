#include "net/base64.hpp"

#include <openssl/evp.h>

#include "base/result.hpp"

namespace vfslock::impl::net {

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL adds a NUL
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char *>(out.data()),
                      reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string sha256(std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char *>(out.data()), &size, EVP_sha256(),
                 nullptr) != 1)
    throw Failure{Error{Status::INTERNAL, "libcrypto does not give SHA-256"}};
  out.resize(size);
  return out;
}

}  // namespace vfslock::impl::net
