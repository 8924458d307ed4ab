#include "cli/supervise.hpp"

#include <algorithm>

#include "cli/exit_codes.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {

Supervision::Supervision(vfslock_lock *lock, std::int64_t lease_ms, const std::string &uri, Keeping &keeping,
                         Child &child, Terminal &terminal, Signals &signals, Console &console)
    : lock_(lock),
      lease_ms_(lease_ms),
      uri_(uri),
      keeping_(keeping),
      child_(child),
      terminal_(terminal),
      signals_(signals),
      console_(console),
      wants_terminal_(terminal.lent()) {}

bool Supervision::watch() {
  for (;;) {
    child_.collect();
    if (child_.ended() && !warned_) return true;
    if (lost()) {
      end_lost();
      return false;
    }
    // Whoever was told to end has to end with all its group: its worker may have outlived a shell before it.
    if (killed_ || (child_.ended() && !child_.group_is_there())) return false;
    if (const auto signal = child_.news_of_stop()) {
      stopped(*signal);
      continue;
    }
    const int next_ms = watch_lease();
    if (killed_) continue;
    signals_.wait(&keeping_.bell(), next_ms);
    while (const auto signal = signals_.next()) pass(*signal);
  }
}

void Supervision::pass(int signal) {
  if (signal == SIGCONT) resume();
  else if (signal != SIGCHLD) child_.signal(signal);
}

// As a small shell does when its job stops.
void Supervision::stopped(int signal) {
  const bool asks_for_terminal = signal == SIGTTIN || signal == SIGTTOU;
  if (asks_for_terminal && terminal_.ours()) {
    wants_terminal_ = true;
    terminal_.lend(child_.group());
    child_.signal(SIGCONT);
    return;
  }
  const bool had_terminal = terminal_.take_back();
  // Whoever stopped it from outside, with no terminal in between, wants nothing of us: the lock is kept.
  if (signal == SIGSTOP && !had_terminal && !terminal_.ours()) return;
  // Had the command been in our group, the terminal would have stopped the whole group.
  const bool stopped = signals_.stop_self(signal == SIGSTOP ? SIGTSTP : signal, had_terminal || asks_for_terminal);
  // Nobody can bring this job to the foreground: what the kernel does with stopped jobs that lost their shell.
  if (!stopped && asks_for_terminal) child_.signal(SIGHUP);
  resume();
}

// After a stop, which may have been longer than the lease: first the lock, then the command.
void Supervision::resume() {
  child_.collect();
  renew();
  if (lost() || left_ms() <= lease_ms_ / 8) return;  // the loop ends it, and it must not run for that
  if (wants_terminal_ && terminal_.ours()) terminal_.lend(child_.group());
  child_.signal(SIGCONT);
}

bool Supervision::lost() const { return keeping_.lost() || vfslock_lock_state(lock_) == VFSLOCK_STATE_LOST; }

// How long the lock is held for certain; without a lease that ends, always more than any limit.
std::int64_t Supervision::left_ms() const {
  const std::int64_t left = vfslock_lock_remaining_ms(lock_);
  return left < 0 ? INT32_MAX : left;
}

// What fails here is told by the library's handlers, or seen by the next look at the lease.
void Supervision::renew() {
  // A sixth of the lease at most, as for each request, and never beyond the moment of KILL.
  const std::int64_t until_kill = left_ms() - lease_ms_ / 8;
  const std::int64_t bound = lease_ms_ == 0 ? 10'000 : std::min<std::int64_t>(lease_ms_ / 6, 10'000);
  const bool suspect = vfslock_lock_state(lock_) == VFSLOCK_STATE_SUSPECT;
  const std::int64_t timeout = suspect ? bound : std::min(bound, until_kill);
  if (timeout > 0) vfslock_lock_renew(lock_, VFSLOCK_TTL_SAME, timeout, nullptr, nullptr, nullptr);
}

int Supervision::watch_lease() {
  if (vfslock_lock_state(lock_) == VFSLOCK_STATE_SUSPECT) renew();  // a clock stepped: one renewal decides (R15)
  const std::int64_t left = left_ms();
  const std::int64_t until_term = left - lease_ms_ / 4, until_kill = left - lease_ms_ / 8;
  constexpr std::int64_t group_poll_ms = 20;  // a group tells nobody that its last process ended
  const auto soon = [](std::int64_t ms) { return static_cast<int>(std::clamp<std::int64_t>(ms, 0, INT32_MAX)); };
  if (lease_ms_ == 0) return -1;
  if (until_term > 0) return soon(child_.ended() ? group_poll_ms : until_term);
  // Perhaps this process was stopped just now, and time is short for that: a stopped run ends nothing.
  if (signals_.pending()) return 0;
  if (!warned_) {
    warned_ = true;
    child_.adopt_orphans();
    console_.tell({"ending", "the lock of " + uri_ + " cannot be renewed and ends in " + span_text(left) +
                                 ": ending the command"});
    child_.signal(SIGTERM);
  }
  if (until_kill > 0) return soon(child_.ended() ? std::min(group_poll_ms, until_kill) : until_kill);
  kill();
  return 0;
}

// A process in the midst of a request to a device, or of another user, may take its time.
void Supervision::kill() {
  for (bool told = false; !child_.kill_group(signals_, 2000); told = true)
    if (!told) console_.tell({"ending", "waiting for processes of the command that do not end at once"});
  killed_ = true;
}

void Supervision::end_lost() {
  child_.adopt_orphans();
  // TERM would have to wake who is stopped, and let it work on without the lock.
  if (!child_.stopped() && !child_.ended()) {
    child_.signal(SIGTERM);
    constexpr int patience_ms = 250, step_ms = 5;
    for (int waited = 0; waited < patience_ms && child_.group_is_there(); waited += step_ms) {
      signals_.wait(nullptr, step_ms);
      while (signals_.next()) continue;
      child_.collect();
      if (child_.stopped()) break;
    }
  }
  kill();
}

}  // namespace vfslock::cli
