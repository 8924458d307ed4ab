#include "cli/exit_codes.hpp"

namespace vfslock::cli {

int exit_code_of(vfslock_status status) {
  switch (status) {
    case VFSLOCK_OK: return exit_ok;
    case VFSLOCK_VETOED: return exit_held;
    case VFSLOCK_INVALID_ARGUMENT:
    case VFSLOCK_INVALID_URI: return exit_usage;
    case VFSLOCK_UNKNOWN_OUTCOME: return exit_storage;
    default: break;
  }
  switch (vfslock_status_group(status)) {  // also what a newer library may say
    case -1: return exit_held;
    case -2: return exit_lost;
    case -4: return exit_usage;
    case -5: return exit_storage;
    case -6: return exit_denied;
    case -7: return exit_unavailable;
    case -8: return exit_config;
    default: return exit_internal;
  }
}

}  // namespace vfslock::cli
