#pragma once
// Small files, read whole.
#include <cstddef>
#include <string>

#include <sys/stat.h>
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

// A file as such, whatever its names. Meaningful while a descriptor of it is open: only then is the number not reused.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileId &, const FileId &) = default;
};
inline FileId id_of(const struct stat &st) { return {st.st_dev, st.st_ino}; }
FileId id_of(int fd) noexcept;  // all 0 where it cannot be asked

// A program that closes all descriptors closes the library's too, and may have files of its own under the numbers. What
// is_still this file may be read and written; what is_anothers, or nobody's, must not be closed either. Both are false where
// it cannot be asked. Descriptors without an inode of their own (eventfd, inotify) are told from files, pipes and sockets,
// not from each other.
bool is_still(int fd, const FileId &id) noexcept;
bool is_anothers(int fd, const FileId &id) noexcept;

// A program may have closed its standard streams: what it prints then must not come to be in a file of the library's. The
// same file under a number from 3 on, where it has a lower one, which is closed; -1 and errno where there is none.
int beyond_standard_streams(int fd) noexcept;

// From where the descriptor stands to its end: 0, EFBIG where there are more bytes than `most`, or another errno.
int read_whole(int fd, std::size_t most, std::string &out);

// As mkdir -p does, with this mode by the umask: 0 or errno.
int make_directories(const std::string &path, mode_t mode);

}  // namespace vfslock::impl
