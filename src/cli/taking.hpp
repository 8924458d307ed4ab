#pragma once
// Takes the lock: waits, shows who holds it meanwhile, and ends the wait when a signal comes.
#include "cli/arguments.hpp"
#include "cli/console.hpp"
#include "cli/handles.hpp"
#include "cli/signals.hpp"

namespace vfslock::cli {

struct Acquired {
  vfslock_status status = VFSLOCK_OK;
  Lock lock;       // null: then one of the two below says why
  Error error;
  int signal = 0;  // the wait was ended by it
};

// As the arguments say; a setter that failed is reported by the acquisition.
Options make_options(const LockArguments &arguments);

// `options` are those of the arguments and get the handlers of the wait.
Acquired take(vfslock_client *client, const LockArguments &arguments, vfslock_options *options, Signals &signals,
              Console &console);

// Says why the lock was not had; returns the exit code.
int tell_refusal(const Acquired &acquired, const LockArguments &arguments, Console &console);

}  // namespace vfslock::cli
