#pragma once
// `vfslock status`, `vfslock probe` and `vfslock version`.
#include "cli/arguments.hpp"
#include "cli/console.hpp"

namespace vfslock::cli {

int status(const StatusArguments &arguments, Console &console);
int probe(const ProbeArguments &arguments, Console &console);
int version(const VersionArguments &arguments, Console &console);

// Prints; an output that cannot be written is told and gives its exit code instead of `code`.
int print_and_exit_with(int code, const std::string &text, Console &console);

}  // namespace vfslock::cli
