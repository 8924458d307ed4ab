#include "storage/local/os.hpp"

#include <cstdio>

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace vfslock::impl::local {

const Os real_os = {
    [](int directory, const char *path, int flags, mode_t mode) { return ::openat(directory, path, flags, mode); },
    ::close,
    [](int fd, int command, int lowest) { return ::fcntl(fd, command, lowest); },
    [](int fd, int command, struct flock *range) { return ::fcntl(fd, command, range); },
    ::fstat,
    ::fstatat,
    ::fstatfs,
    ::pread,
    ::pwrite,
    ::linkat,
    ::renameat,
    ::renameat2,
    ::unlinkat,
    ::fchmod,
    ::fchown,
    ::futimens,
    ::fsync,
    ::ppoll,
    ::eventfd,
    ::inotify_init1,
    ::inotify_add_watch,
    ::inotify_rm_watch,
    ::read,
};

Os os = real_os;

}  // namespace vfslock::impl::local
