#pragma once
// A call of the library that may take long, on a thread of its own, while this one takes the signals.
#include <functional>

#include "cli/console.hpp"
#include "cli/signals.hpp"
#include "vfslock/vfslock.h"

namespace vfslock::cli {

// The first signal that would end us cancels the call; it is returned once the call has, or 0.
int interruptible(Signals &signals, Console &console, const std::function<void(vfslock_cancel *)> &call);

}  // namespace vfslock::cli
