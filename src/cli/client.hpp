#pragma once
#include "cli/console.hpp"
#include "cli/handles.hpp"

namespace vfslock::cli {

// The library's default client, but for two things: short-lived processes keep what they learned of servers and holders
// in the user's state folder, unless VFSLOCK_STATE_DIR names another; and what it does is told where VFSLOCK_LOG asks
// for it (debug: each request; info: each operation; warning: what endangers a lock). Throws UsageError.
Client open_client(Console &console);

}  // namespace vfslock::cli
