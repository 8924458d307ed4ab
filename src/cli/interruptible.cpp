#include "cli/interruptible.hpp"

#include <atomic>
#include <new>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "cli/bell.hpp"
#include "cli/handles.hpp"

namespace vfslock::cli {
namespace {

// Locks on disks keep descriptors of high numbers. The kernel widens the table of a process that has threads only after
// all processors have passed by (RCU), which takes longer than all that a free lock does otherwise.
void widen_table(int any) { (void)::close(::fcntl(any, F_DUPFD_CLOEXEC, 512)); }

}  // namespace

int interruptible(Signals &signals, Console &console, const std::function<void(vfslock_cancel *)> &call) {
  Cancel cancel;
  if (vfslock_cancel_new(Out(cancel), nullptr) != VFSLOCK_OK) throw std::bad_alloc();
  Bell bell;
  widen_table(bell.descriptor());
  std::atomic<bool> done{false};
  std::thread caller([&] {
    call(cancel.get());
    done = true;
    bell.ring();
  });
  int signal = 0;
  do {
    signals.wait(&bell, -1);
    if (signal) continue;  // it was asked to end, and does
    signal = signals.take(console);
    if (signal) vfslock_cancel_trigger(cancel.get());
  } while (!done);
  caller.join();
  return signal;
}

}  // namespace vfslock::cli
