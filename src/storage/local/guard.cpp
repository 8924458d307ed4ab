#include "storage/local/guard.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace vfslock::impl::local {
namespace {

// A guard is held for some microseconds, or for a disk's write in durable mode, or by a process that was stopped.
constexpr Duration first_pause = std::chrono::microseconds(20);
constexpr Duration longest_pause = std::chrono::milliseconds(4);

void pause_for(Duration pause, const Cancel *cancel) {
  pollfd news{cancel ? cancel->descriptor() : -1, POLLIN, 0};
  const timespec time{0, static_cast<long>(pause.count())};
  os.ppoll(&news, 1, &time, nullptr);
}

}  // namespace

Error descriptor_gone(const Directory &directory, const std::string &key) {
  return Error{Status::LOST, "this program closed the descriptor that proves that it holds " +
                                 shown(directory.where(key)) + ": the lock is lost and was not touched"};
}

Result<Done> in_time(const Directory &directory, const std::string &key, const Call &call) {
  if (call.cancel && call.cancel->is_triggered())
    return Error{Status::CANCELLED, "cancelled before " + shown(directory.where(key)) + " was written"};
  if (call.deadline != never && boot_now() >= call.deadline)
    return Error{Status::UNAVAILABLE, "the time for the call was over before " + shown(directory.where(key)) +
                                          " could be written"};
  return Done{};
}

Result<Done> take_guard(const Directory &directory, const std::string &key, LockFile &file, short type,
                        const Call &call, Recheck recheck) {
  for (Duration pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    const int error_number = file.lock(Range::guard, type);
    if (error_number == 0) return Done{};
    // Linux says EAGAIN for a conflict; EACCES and EPERM are a policy's, and waiting would not help.
    if (error_number != EAGAIN) return os_error("lock", directory.where(key), error_number);
    if (call.cancel && call.cancel->is_triggered())
      return Error{Status::CANCELLED, "cancelled while another process changed " + shown(directory.where(key))};
    Duration left = longest_pause;
    if (call.deadline != never) left = call.deadline - boot_now();
    if (left <= Duration::zero())
      return Error{Status::UNAVAILABLE, "another process was about to change " + shown(directory.where(key)) +
                                            " and did not finish in time: it may be stopped; continue or end it"};
    pause_for(std::min(pause, left), call.cancel);
    if (recheck == Recheck::descriptor && file.verify() == EBADF) return descriptor_gone(directory, key);
  }
}

}  // namespace vfslock::impl::local
