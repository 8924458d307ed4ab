#pragma once
// The command as a process group of its own: started, signalled, ended.
#include <optional>

#include <sys/types.h>

#include "cli/program.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"

namespace vfslock::cli {

class Child {
 public:
  // Starts the program. It inherits `proof` (a descriptor, or -1), which stays closed to every other exec. Called on
  // the main thread: the kernel takes the end of the thread that forked for the parent's death. Throws NoProgram.
  Child(const Program &program, Terminal &terminal, const Signals &signals, int proof);
  ~Child();  // whatever happened, no command works on without its lock
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;

  pid_t group() const { return leader_; }
  void signal(int signal) const;  // to every process of the group

  void collect();  // takes note of what the kernel has to tell
  bool ended() const { return ended_; }
  int exit_code() const { return exit_code_; }  // 128 + n when signal n ended it
  bool ended_by_signal(int signal) const { return exit_code_ == 128 + signal && by_signal_; }
  bool ended_by_signal() const { return by_signal_; }
  bool stopped() const { return stopped_.has_value(); }
  std::optional<int> news_of_stop();  // the signal that stopped it, told once

  // Whether a process of the group is still there, be it the leader or not.
  bool group_is_there();
  // Processes of the group whose parent ended are ours from now on, so that they do not stay as zombies.
  void adopt_orphans();
  // KILL, and waits until nobody of the group is there; false: not so after this time. May be repeated.
  bool kill_group(Signals &signals, int patience_ms);

 private:
  pid_t leader_ = -1;
  bool ended_ = false, by_signal_ = false, news_ = false;
  int exit_code_ = 0;
  std::optional<int> stopped_;
};

}  // namespace vfslock::cli
