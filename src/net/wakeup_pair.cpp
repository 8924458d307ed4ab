#include "net/wakeup_pair.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net/mutex.hpp"

namespace vfslock::impl::net {
namespace {

// Number and inode: a number may be another file's a moment later.
using Socket = std::pair<int, unsigned long>;

// By their names in /proc, so that no descriptor of another thread is touched. Empty where there is no /proc.
std::set<Socket> open_sockets() {
  std::set<Socket> out;
  const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir("/proc/self/fd"), closedir);
  if (!folder) return out;
  while (const dirent *entry = readdir(folder.get())) {
    char name[64];
    const ssize_t size = readlinkat(dirfd(folder.get()), entry->d_name, name, sizeof name - 1);
    unsigned long inode = 0;
    name[size > 0 ? size : 0] = '\0';
    if (std::sscanf(name, "socket:[%lu]", &inode) == 1) out.emplace(std::atoi(entry->d_name), inode);
  }
  return out;
}

// Of this kind are the pair's, and hardly any others of a program.
bool is_unix_socket(unsigned long wanted) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen("/proc/net/unix", "re"), std::fclose);
  char line[512];
  unsigned long inode = 0;
  while (file && std::fgets(line, sizeof line, file.get()))
    if (std::sscanf(line, "%*s %*s %*s %*s %*s %*s %lu", &inode) == 1 && inode == wanted) return true;
  return false;
}

// Bytes to be read here, or on their way to be read at the other end.
bool has_bytes(int fd) {
  int in = 0, out = 0;
  return (ioctl(fd, FIONREAD, &in) == 0 && in > 0) || (ioctl(fd, SIOCOUTQ, &out) == 0 && out > 0);
}

}  // namespace

// Which descriptors they are libcurl does not tell. They are new, a pair of sockets, and silent until the handle is
// woken: then one end has a byte and the other has sent it. A pair that another part of the program makes at the same
// moment is silent, and stays as it is.
CURLM *new_multi() {
  const std::lock_guard locked(mutex());
  const std::set<Socket> before = open_sockets();
  CURLM *multi = curl().multi_init();
  if (!multi) throw std::bad_alloc();
  std::set<int> fresh;
  for (const auto &[fd, inode] : open_sockets())
    if (before.count({fd, inode}) == 0 && is_unix_socket(inode) && !has_bytes(fd)) fresh.insert(fd);
  if (fresh.empty()) return multi;
  curl().multi_wakeup(multi);  // its next wait takes the byte
  for (const int fd : fresh)
    if (has_bytes(fd)) fcntl(fd, F_SETFD, FD_CLOEXEC);
  return multi;
}

}  // namespace vfslock::impl::net
