#pragma once
#include "base/cancel.hpp"
#include "base/time.hpp"

namespace vfslock::impl {

// How long one call may take, and who may end it early.
struct Call {
  BootTime deadline = never;
  const Cancel *cancel = nullptr;
};

}  // namespace vfslock::impl
