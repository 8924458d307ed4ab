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

// A program may have closed its standard streams: what it prints then must not come to be in a file of the library's. The
// same file under a number from 3 on, where it has a lower one, which is closed; -1 and errno where there is none.
int beyond_standard_streams(int fd) noexcept;

// From where the descriptor stands to its end: 0, EFBIG where there are more bytes than `most`, or another errno.
int read_whole(int fd, std::size_t most, std::string &out);

// As mkdir -p does, with this mode by the umask: 0 or errno.
int make_directories(const std::string &path, mode_t mode);

}  // namespace vfslock::impl
