#pragma once
// The caller's mistake: exit code 64, with a hint where to read on.
#include <stdexcept>
#include <string>

namespace vfslock::cli {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace vfslock::cli
