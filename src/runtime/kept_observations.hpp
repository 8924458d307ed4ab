#pragma once
// Observations that outlive the process: short-lived ones (the command) need not each wait for a lease of their own.
#include "lock/observations.hpp"

namespace vfslock::impl {

// Those of the whole process, and beside them what `folder` keeps (state_dir). Never destroyed.
Observations &observations_in(const std::string &folder);

}  // namespace vfslock::impl
