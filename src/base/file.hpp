#pragma once
// Small files, read whole.
#include <cstddef>
#include <string>

#include <sys/types.h>

namespace vfslock::impl {

struct OwnedFd {
  explicit OwnedFd(int number = -1) : fd(number) {}
  ~OwnedFd() { reset(); }
  OwnedFd(const OwnedFd &) = delete;
  OwnedFd &operator=(const OwnedFd &) = delete;
  void reset(int number = -1) noexcept;
  int fd;
};

// From where the descriptor stands to its end: 0, EFBIG where there are more bytes than `most`, or another errno.
int read_whole(int fd, std::size_t most, std::string &out);

// As mkdir -p does, with this mode by the umask: 0 or errno.
int make_directories(const std::string &path, mode_t mode);

}  // namespace vfslock::impl
