#pragma once
// The time in which the command works under the lock: signals, job control, and its end before the lock's.
#include <cstdint>
#include <string>

#include "cli/child.hpp"
#include "cli/console.hpp"
#include "cli/keeping.hpp"

namespace vfslock::cli {

class Supervision {
 public:
  Supervision(vfslock_lock *lock, std::int64_t lease_ms, const std::string &uri, Keeping &keeping, Child &child,
              Terminal &terminal, Signals &signals, Console &console);

  // Returns when the command has ended. True: it ended by itself, and the lock was held all the time as far as this
  // process knows. False: it was ended, since the lock was lost or about to be.
  bool watch();

 private:
  void pass(int signal);
  void stopped(int signal);
  void resume();

  bool lost() const;
  std::int64_t left_ms() const;
  int watch_lease();  // does what the lease demands now; returns when to look again
  void renew();
  void end_lost();
  void kill();

  vfslock_lock *const lock_;
  const std::int64_t lease_ms_;
  const std::string &uri_;
  Keeping &keeping_;
  Child &child_;
  Terminal &terminal_;
  Signals &signals_;
  Console &console_;
  bool wants_terminal_;  // given to it whenever it is ours
  bool warned_ = false;  // it got TERM: its end is not its own
  bool killed_ = false;
};

}  // namespace vfslock::cli
