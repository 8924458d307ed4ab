#pragma once
// The kernel's locks on a record of local storage.
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace vfslock::impl::test {

// What another description finds locked: byte 0 (life) or byte 1 (guard).
inline bool is_locked(const std::string &path, off_t byte) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error("cannot open " + path);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_start = byte;
  lock.l_len = 1;
  const int answer = ::fcntl(fd, F_OFD_GETLK, &lock);
  ::close(fd);
  if (answer < 0) throw std::runtime_error("cannot ask for locks on " + path);
  return lock.l_type != F_UNLCK;
}

}  // namespace vfslock::impl::test
