#include "runtime/ambient.hpp"

#include <algorithm>

#include <poll.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/fork.hpp"
#include "base/utf8.hpp"

namespace vfslock::impl {
namespace {

// Kernel timers stop while the machine sleeps, boot time does not (RELIABILITY §3): who waits looks at the clock this
// often, so that it is late by no more when the machine wakes. Shorter costs a thousand waiters more than it gives them.
constexpr Duration longest_sleep = std::chrono::seconds(3);
// A cancel without a descriptor is only looked at.
constexpr Duration blind_sleep = std::chrono::milliseconds(50);

timespec as_timespec(Duration d) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(d);
  return {static_cast<time_t>(whole.count()), static_cast<long>((d - whole).count())};
}

}  // namespace

BootTime RealClock::now() { return boot_now(); }
WallTime RealClock::wall() { return wall_now(); }

Woke RealClock::sleep(BootTime until, Wakeup *hint, const Cancel *cancel) {
  int hints[2];
  pollfd fds[3];
  nfds_t count = 0;
  int cancel_fd = cancel ? cancel->descriptor() : -1;
  if (cancel_fd >= 0) fds[count++] = {cancel_fd, POLLIN, 0};
  const nfds_t first_hint = count;
  if (hint) {
    const std::size_t given = hint->descriptors(hints);
    for (std::size_t i = 0; i < given; ++i) fds[count++] = {hints[i], POLLIN, 0};
  }

  for (;;) {
    if (cancel && cancel->is_triggered()) return Woke::cancelled;
    const Duration left = until - boot_now();
    if (left <= Duration::zero()) return Woke::time;
    const timespec slice = as_timespec(std::min(left, cancel && cancel_fd < 0 ? blind_sleep : longest_sleep));
    if (ppoll(fds, count, &slice, nullptr) <= 0) continue;  // time, or a signal of the caller's
    if (cancel && cancel->is_triggered()) return Woke::cancelled;
    for (nfds_t i = 0; i < count; ++i) {
      if (i >= first_hint && (fds[i].revents & POLLIN)) return Woke::hint;
      // Somebody closed it under us, or has a file of its own there: it would wake us for ever, so it is not asked again.
      if (i < first_hint || (fds[i].revents & (POLLNVAL | POLLERR | POLLHUP))) {
        if (fds[i].revents == 0) continue;
        fds[i].fd = -1;
        if (i < first_hint) cancel_fd = -1;
      }
    }
  }
}

void RealRandom::fill(void *out, std::size_t size) { random_bytes(out, size); }

std::mutex &process_mutex() { return fork_safe_mutex<Ambient>(); }

// Made at load, while there is one thread.
[[maybe_unused]] static const std::mutex &made = process_mutex();

BootTime GuardedObservations::first_seen(const std::string &identity, const Version &version, BootTime receipt) {
  const std::lock_guard locked(process_mutex());
  return Observations::first_seen(identity, version, receipt);
}

void GuardedObservations::forget(const std::string &identity) {
  const std::lock_guard locked(process_mutex());
  Observations::forget(identity);
}

void GuardedObservations::backdate(const std::string &identity, BootTime since) {
  const std::lock_guard locked(process_mutex());
  Observations::backdate(identity, since);
}

Ambient &ambient() {
  static auto *one = new Ambient;
  return *one;
}

std::string host_name() {
  char buffer[256] = "";
  if (gethostname(buffer, sizeof buffer - 1) != 0) return "";
  const std::string_view given(buffer);
  std::string out;
  for (std::size_t at = 0; at < given.size();) {
    const std::size_t length = utf8_length(given.substr(at));
    const auto byte = static_cast<unsigned char>(given[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) out += '?';
    else out.append(given.substr(at, length));
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::int64_t process_id() { return getpid(); }

}  // namespace vfslock::impl
