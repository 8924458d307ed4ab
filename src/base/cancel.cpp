#include "base/cancel.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fork.hpp"

namespace vfslock::impl {

// A pipe and not an eventfd: its inode is its own, so that ours() can tell it from whatever else has the number later.
Cancel::Cancel() noexcept : generation_(fork_generation()) {
  struct stat st {};
  if (pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0) return;
  if (fstat(ends_[0], &st) != 0) {  // later nobody could tell whose they are
    for (int &end : ends_) close(std::exchange(end, -1));
    return;
  }
  device_ = st.st_dev;
  inode_ = st.st_ino;
}

Cancel::~Cancel() {
  for (const int end : ends_)
    if (ours(end)) close(end);
}

// A program that closes all descriptors closes these too, and may have files of its own under the numbers.
bool Cancel::ours(int end) const noexcept {
  struct stat st {};
  return end >= 0 && fstat(end, &st) == 0 && st.st_dev == device_ && st.st_ino == inode_;
}

int Cancel::descriptor() const noexcept { return generation_ == fork_generation() ? ends_[0] : -1; }

void Cancel::trigger() noexcept {
  const int saved = errno;  // the interrupted code may be about to read it
  raised_.store(true, std::memory_order_release);
  if (generation_ == fork_generation() && ours(ends_[1]) && write(ends_[1], "", 1) < 0) {
    // Full means already readable; any other failure leaves the flag, which waits read in slices.
  }
  errno = saved;
}

}  // namespace vfslock::impl
