#pragma once
#include <signal.h>

namespace vfslock::impl::net {

// While it exists this thread gets no SIGPIPE from a write to a connection that the other side closed (OpenSSL's writes
// raise it under libcurl before 7.87). Nobody else's is swallowed: what was pending before stays so.
class SigpipeBlocked {
 public:
  SigpipeBlocked() noexcept;
  ~SigpipeBlocked();
  SigpipeBlocked(const SigpipeBlocked &) = delete;
  SigpipeBlocked &operator=(const SigpipeBlocked &) = delete;

 private:
  sigset_t before_;
  bool was_pending_;
};

}  // namespace vfslock::impl::net
