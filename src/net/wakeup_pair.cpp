#include "net/wakeup_pair.hpp"

#include <cstdlib>
#include <memory>
#include <new>
#include <set>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace vfslock::impl::net {
namespace {

// Number and inode: a number may be another file's a moment later.
using Descriptor = std::pair<int, ino_t>;

// Empty where there is no /proc.
std::set<Descriptor> open_descriptors() {
  std::set<Descriptor> out;
  const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir("/proc/self/fd"), closedir);
  if (!folder) return out;
  while (const dirent *entry = readdir(folder.get())) {
    struct stat st {};
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode)) out.emplace(fd, st.st_ino);
  }
  return out;
}

bool is_unix_socket(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

// Bytes to be read here, or on their way to be read at the other end.
bool has_bytes(int fd) {
  int in = 0, out = 0;
  return (ioctl(fd, FIONREAD, &in) == 0 && in > 0) || (ioctl(fd, SIOCOUTQ, &out) == 0 && out > 0);
}

}  // namespace

// Which descriptors they are libcurl does not tell. They are new, a pair of sockets, and silent until the handle is
// woken: then one end has a byte and the other has sent it. Another thread's new pair that is silent stays as it is.
CURLM *new_multi() {
  const std::set<Descriptor> before = open_descriptors();
  CURLM *multi = curl_multi_init();
  if (!multi) throw std::bad_alloc();
  std::set<int> fresh;
  for (const auto &[fd, inode] : open_descriptors())
    if (before.count({fd, inode}) == 0 && is_unix_socket(fd) && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0 &&
        !has_bytes(fd))
      fresh.insert(fd);
  if (fresh.empty()) return multi;
  curl_multi_wakeup(multi);  // its next wait takes the byte
  for (const int fd : fresh)
    if (has_bytes(fd)) fcntl(fd, F_SETFD, FD_CLOEXEC);
  return multi;
}

}  // namespace vfslock::impl::net
