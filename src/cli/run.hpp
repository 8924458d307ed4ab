#pragma once
// `vfslock run`.
#include "cli/arguments.hpp"
#include "cli/console.hpp"

namespace vfslock::cli {

int run(const RunArguments &arguments, Console &console);

}  // namespace vfslock::cli
