#define _GNU_SOURCE
#include "bare.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

/* As long as a record of vfslock on this machine. */
static const char record[] =
    "{\"createdAt\":\"2026-05-04T10:00:00.123456789Z\",\"ttl\":30000000000,\"hostname\":\"localhost\",\"pid\":4711,"
    "\"version\":1,\"lockId\":\"9f0c9f0c9f0c9f0c9f0c9f0c9f0c9f0c\",\"writeId\":\"0b7e0b7e0b7e0b7e0b7e0b7e0b7e0b7e\","
    "\"seq\":\"1\",\"state\":\"held\",\"token\":\"1777888800123456\",\"lease\":\"30000000000\","
    "\"bootId\":\"01234567-89ab-cdef-0123-456789abcdef\"}";
#define RECORD (sizeof record - 1)
#define UNTOKENED (RECORD - 15) /* before the token is known */
#define HIGH 512

static int range(int fd, short type, off_t start, off_t length) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = start;
  lock.l_len = length;
  return fcntl(fd, F_OFD_SETLK, &lock);
}

/* What both begin with: the directory, its file system, who we are, the lock's id and the write's. */
static int begin(const char *path) {
  char id[16];
  struct stat st;
  struct statfs about;
  struct utsname host;
  int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0 || fstat(dir, &st) != 0 || fstatfs(dir, &about) != 0 || uname(&host) != 0) return -1;
  getpid();
  return getrandom(id, sizeof id, 0) < 0 || getrandom(id, sizeof id, 0) < 0 ? -1 : dir;
}

/* A write that a limit of the file's size cannot end by a signal. */
static void block(sigset_t *before) {
  sigset_t file_size;
  sigemptyset(&file_size);
  sigaddset(&file_size, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &file_size, before);
}

static int raise_fd(int fd) {
  int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
  close(fd);
  return high;
}

#define SAFELY (O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

int bare_removed(const char *path) {
  char jitter[8], seen[4097];
  sigset_t before;
  struct stat st;
  int fd, dir = begin(path);
  if (dir < 0 || openat(dir, "data.lock", O_RDONLY | SAFELY) >= 0) return -1;
  fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 || fstat(fd, &st) != 0 || range(fd, F_WRLCK, 0, 2) != 0) return -1;
  block(&before);
  if (pwrite(fd, record, UNTOKENED, 0) < 0 || linkat(fd, "", dir, "data.lock", AT_EMPTY_PATH) != 0) return -1;
  if (pwrite(fd, record, RECORD, 0) < 0 || range(fd, F_UNLCK, 1, 1) != 0) return -1;
  fd = raise_fd(fd);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (getrandom(jitter, sizeof jitter, 0) < 0) return -1;

  if (fstat(fd, &st) != 0 || range(fd, F_WRLCK, 1, 1) != 0) return -1;
  if (fstatat(dir, "data.lock", &st, AT_SYMLINK_NOFOLLOW) != 0 || pread(fd, seen, sizeof seen, 0) < 0) return -1;
  if (unlinkat(dir, "data.lock", 0) != 0 || range(fd, F_UNLCK, 0, 2) != 0) return -1;
  close(fd);
  return fstat(dir, &st) != 0 ? -1 : close(dir);
}

int bare_kept(const char *path) {
  char id[16], seen[4097];
  sigset_t before;
  struct stat st;
  struct flock lock;
  int fd, dir = begin(path);
  if (dir < 0) return -1;
  fd = openat(dir, "data.lock", O_RDONLY | SAFELY);
  if (fd < 0 || fstat(fd, &st) != 0 || pread(fd, seen, sizeof seen, 0) < 0) return -1;
  memset(&lock, 0, sizeof lock);
  lock.l_type = F_WRLCK;
  lock.l_len = 1;
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0 || close(fd) != 0 || getrandom(id, sizeof id, 0) < 0) return -1;

  fd = openat(dir, "data.lock", O_RDWR | SAFELY);
  if (fd < 0 || fstat(fd, &st) != 0 || range(fd, F_WRLCK, 1, 1) != 0) return -1;
  if (fstatat(dir, "data.lock", &st, AT_SYMLINK_NOFOLLOW) != 0 || pread(fd, seen, sizeof seen, 0) < 0) return -1;
  if (range(fd, F_WRLCK, 0, 1) != 0) return -1;
  block(&before);
  if (pwrite(fd, record, RECORD, 0) < 0 || range(fd, F_UNLCK, 1, 1) != 0) return -1;
  fd = raise_fd(fd);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (getrandom(id, 8, 0) < 0 || getrandom(id, sizeof id, 0) < 0) return -1;

  if (fstat(fd, &st) != 0 || range(fd, F_WRLCK, 1, 1) != 0) return -1;
  if (fstatat(dir, "data.lock", &st, AT_SYMLINK_NOFOLLOW) != 0 || pread(fd, seen, sizeof seen, 0) < 0) return -1;
  block(&before);
  if (pwrite(fd, record, RECORD, 0) < 0) return -1;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (range(fd, F_UNLCK, 0, 2) != 0) return -1;
  close(fd);
  return fstat(dir, &st) != 0 ? -1 : close(dir);
}

int bare_least(const char *path) {
  char name[4096];
  int fd;
  snprintf(name, sizeof name, "%s/data.lock", path);
  fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, record, RECORD) < 0) return -1;
  close(fd);
  return unlink(name);
}
