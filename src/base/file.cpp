#include "base/file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vfslock::impl {

void OwnedFd::reset(int number) noexcept {
  if (fd >= 0) close(fd);
  fd = number;
}

FileId id_of(int fd) noexcept {
  struct stat st {};
  return fd >= 0 && fstat(fd, &st) == 0 ? id_of(st) : FileId{};
}

bool is_still(int fd, const FileId &id) noexcept { return id != FileId{} && id_of(fd) == id; }

bool is_anothers(int fd, const FileId &id) noexcept {
  struct stat st {};
  return fd < 0 || (fstat(fd, &st) == 0 ? id_of(st) != id : errno == EBADF);
}

int beyond_standard_streams(int fd) noexcept {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error_number = errno;
  close(fd);
  errno = error_number;
  return high;
}

int read_whole(int fd, std::size_t most, std::string &out) {
  out.assign(most + 1, '\0');
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = read(fd, out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  out.resize(size);
  return size > most ? EFBIG : 0;
}

int make_directories(const std::string &path, mode_t mode) {
  for (std::size_t slash = 0; slash != std::string::npos;) {
    slash = path.find('/', slash + 1);
    if (mkdir(path.substr(0, slash).c_str(), mode) != 0 && errno != EEXIST) return errno;
  }
  return 0;
}

}  // namespace vfslock::impl
