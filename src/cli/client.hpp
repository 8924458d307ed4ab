#pragma once
#include "cli/handles.hpp"

namespace vfslock::cli {

// The library's default client, but for one thing: short-lived processes keep what they learned of servers in the user's
// state folder, unless VFSLOCK_STATE_DIR names another. nullptr (which is the default client) where there is none.
Client open_client();

}  // namespace vfslock::cli
