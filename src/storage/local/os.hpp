#pragma once
// The system calls that local storage uses, in one table that tests replace: to stop a process at a chosen call,
// to take a call away, or to make the n-th one fail. Each entry behaves as the call of its name: -1 and errno.
#include <cstdint>
#include <ctime>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>

namespace vfslock::impl::local {

struct Os {
  int (*openat)(int directory, const char *path, int flags, mode_t mode);
  int (*close)(int fd);
  int (*duplicate)(int fd, int command, int lowest);       // fcntl: F_DUPFD, F_DUPFD_CLOEXEC
  int (*lock)(int fd, int command, struct flock *range);   // fcntl: F_OFD_SETLK, F_OFD_GETLK
  int (*fstat)(int fd, struct stat *st);
  int (*fstatat)(int directory, const char *path, struct stat *st, int flags);
  int (*fstatfs)(int fd, struct statfs *st);
  ssize_t (*pread)(int fd, void *out, std::size_t size, off_t at);
  ssize_t (*pwrite)(int fd, const void *bytes, std::size_t size, off_t at);
  int (*linkat)(int from, const char *path, int to, const char *name, int flags);
  int (*renameat)(int from, const char *path, int to, const char *name);
  int (*renameat2)(int from, const char *path, int to, const char *name, unsigned flags);
  int (*unlinkat)(int directory, const char *path, int flags);
  int (*fchmod)(int fd, mode_t mode);
  int (*fchown)(int fd, uid_t owner, gid_t group);
  int (*futimens)(int fd, const struct timespec times[2]);
  int (*fsync)(int fd);
  int (*ppoll)(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
  int (*eventfd)(unsigned initial, int flags);
  int (*inotify_init1)(int flags);
  int (*inotify_add_watch)(int fd, const char *path, std::uint32_t mask);
  int (*inotify_rm_watch)(int fd, int watch);
  ssize_t (*read)(int fd, void *out, std::size_t size);
};

extern const Os real_os;
extern Os os;  // real_os, unless a test put something else there before it started threads

}  // namespace vfslock::impl::local
