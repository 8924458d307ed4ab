#include "storage/local/errors.hpp"

#include <cerrno>

#include "base/utf8.hpp"

namespace vfslock::impl::local {
namespace {

Status status_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return Status::NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS: return Status::PERMISSION_DENIED;
    case ELOOP:
    case ENXIO:
    case ENODEV: return Status::UNSAFE_PATH;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Status::NO_SPACE;
    case ENAMETOOLONG: return Status::INVALID_ARGUMENT;
    case EINVAL:
    case ENOLCK:
    case ENOSYS:
    case EOPNOTSUPP: return Status::UNSUPPORTED;
    case ENOMEM: return Status::NO_MEMORY;
    default: return Status::UNAVAILABLE;  // EMFILE, ENFILE, EIO, ESTALE, EBUSY …
  }
}

}  // namespace

std::string shown(std::string_view path) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out;
  while (!path.empty()) {
    std::size_t length = utf8_length(path);
    const auto first = static_cast<unsigned char>(path.front());
    if (length == 0 || first < 0x20 || first == 0x7f) {
      out.append("\\x").append(1, hex[first >> 4]).append(1, hex[first & 0xF]);
      length = 1;
    } else {
      out.append(path.substr(0, length));
    }
    path.remove_prefix(length);
  }
  return out;
}

Error os_error(const char *what, std::string_view path, int error_number) {
  return errno_error(status_of(error_number), std::string("cannot ") + what + " " + shown(path), error_number);
}

}  // namespace vfslock::impl::local
