#include "base/cancel.hpp"

#include <cerrno>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fork.hpp"

namespace vfslock::impl {

Cancel::Cancel() noexcept : generation_(fork_generation()), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Cancel::~Cancel() {
  if (event_ >= 0) close(event_);
}

int Cancel::descriptor() const noexcept { return generation_ == fork_generation() ? event_ : -1; }

void Cancel::trigger() noexcept {
  int saved = errno;  // the interrupted code may be about to read it
  raised_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  const int event = descriptor();
  if (event >= 0 && write(event, &one, sizeof one) < 0) {
    // Full means already readable; any other failure leaves the flag, which waits read in slices.
  }
  errno = saved;
}

}  // namespace vfslock::impl
