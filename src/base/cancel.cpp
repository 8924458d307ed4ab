#include "base/cancel.hpp"

#include <cerrno>
#include <new>

#include <fcntl.h>
#include <unistd.h>

#include "base/fork.hpp"

namespace vfslock::impl {

Cancel::Cancel() noexcept : generation_(fork_generation()) {}

Cancel::~Cancel() {
  const Pipe *pipe = pipe_.load(std::memory_order_acquire);
  if (!pipe) return;
  for (const int end : pipe->ends)
    if (!is_anothers(end, pipe->id)) close(end);
  delete pipe;
}

void Cancel::signal(const Pipe &pipe) noexcept {
  if (is_still(pipe.ends[1], pipe.id) && write(pipe.ends[1], "", 1) < 0) {
    // Full means already readable; any other failure leaves the flag, which waits read in slices.
  }
}

// A pipe and not an eventfd: its inode is its own, so that is_still() can tell it from whatever else has the number later.
int Cancel::descriptor() const noexcept {
  if (generation_ != fork_generation()) return -1;
  const Pipe *pipe = pipe_.load(std::memory_order_seq_cst);
  if (pipe) return pipe->ends[0];
  auto *const made = new (std::nothrow) Pipe{{-1, -1}, {}};
  if (!made) return -1;
  if (pipe2(made->ends, O_CLOEXEC | O_NONBLOCK) == 0) {
    for (int &end : made->ends) end = beyond_standard_streams(end);
    // What cannot be looked at now nobody could tell later whose it is.
    made->id = id_of(made->ends[0]);
    const bool known = made->ends[1] >= 0 && made->id != FileId{};
    if (known && pipe_.compare_exchange_strong(pipe, made, std::memory_order_seq_cst)) {
      // trigger() raises the flag before it looks for a pipe: either it has seen this one, or the flag is seen here.
      if (is_triggered()) signal(*made);
      return made->ends[0];
    }
    for (const int end : made->ends)
      if (end >= 0) close(end);
  }
  delete made;
  return pipe ? pipe->ends[0] : -1;
}

void Cancel::trigger() noexcept {
  const int saved = errno;  // the interrupted code may be about to read it
  raised_.store(true, std::memory_order_seq_cst);
  const Pipe *pipe = generation_ == fork_generation() ? pipe_.load(std::memory_order_seq_cst) : nullptr;
  if (pipe) signal(*pipe);
  errno = saved;
}

}  // namespace vfslock::impl
