#pragma once
// Signals come in by a descriptor and are handled in the main loop; there are no handlers. What the command gets is
// what this process was started with.
#include <optional>
#include <string>

#include <signal.h>

#include "cli/bell.hpp"
#include "cli/console.hpp"

namespace vfslock::cli {

class Signals {
 public:
  // Before any thread is started: threads inherit the mask.
  Signals();
  ~Signals();
  Signals(const Signals &) = delete;
  Signals &operator=(const Signals &) = delete;

  // Waits for a signal or the bell (may be null); -1 = for ever.
  void wait(Bell *bell, int timeout_ms);
  std::optional<int> next();      // the next signal that came, if there is one
  int take(Console &console);     // where there is no command: takes what came; the first that would end us, or 0
  bool pending() const;           // whether next() would return one

  // Whether this signal would end a program that was started like us and does nothing about signals.
  bool ends_us(int signal) const;

  // Stops this process, or its whole process group as a terminal does, until it is continued. False: it cannot be
  // stopped, since nobody could continue it (an orphaned process group), or the signal is ignored.
  bool stop_self(int signal, bool group);

  void restore_in_child() const noexcept;  // async-signal-safe

 private:
  int descriptor_;
  sigset_t original_mask_;
  struct sigaction original_child_, original_pipe_;
};

// Signals that `run` passes to its command.
bool is_forwarded(int signal);
std::string signal_name(int signal);  // "SIGTERM"

}  // namespace vfslock::cli
