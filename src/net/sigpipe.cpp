#include "net/sigpipe.hpp"

#include <cerrno>
#include <ctime>

namespace vfslock::impl::net {
namespace {

sigset_t sigpipe() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

bool is_pending() noexcept {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

SigpipeBlocked::SigpipeBlocked() noexcept : was_pending_(is_pending()) {
  const sigset_t set = sigpipe();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

SigpipeBlocked::~SigpipeBlocked() {
  const int saved = errno;
  const sigset_t set = sigpipe();
  const timespec now{};
  if (!was_pending_ && is_pending())
    while (sigtimedwait(&set, nullptr, &now) < 0 && errno == EINTR) continue;
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = saved;
}

}  // namespace vfslock::impl::net
