#pragma once
// What the command's exit codes mean: DESIGN §7, after sysexits.h. `run` passes its command's own code otherwise.
#include <vfslock/vfslock.h>

namespace vfslock::cli {

enum ExitCode : int {
  exit_ok = 0,
  exit_usage = 64,
  exit_unavailable = 69,
  exit_internal = 70,
  exit_storage = 74,
  exit_held = 75,
  exit_lost = 76,
  exit_denied = 77,
  exit_config = 78,
  exit_not_executable = 126,
  exit_not_found = 127,
};

int exit_code_of(vfslock_status status);
inline int exit_code_of_signal(int signal) { return 128 + signal; }

}  // namespace vfslock::cli
