#pragma once
// What each subcommand does; each returns the exit code.
#include "cli/arguments.hpp"
#include "cli/console.hpp"

namespace vfslock::cli {

int perform(const RunArguments &arguments, Console &console);
int perform(const AcquireArguments &arguments, Console &console);
int perform(const RenewArguments &arguments, Console &console);
int perform(const ReleaseArguments &arguments, Console &console);
int perform(const StatusArguments &arguments, Console &console);
int perform(const WatchArguments &arguments, Console &console);
int perform(const ListArguments &arguments, Console &console);
int perform(const BreakArguments &arguments, Console &console);
int perform(const ProbeArguments &arguments, Console &console);
int perform(const VersionArguments &arguments, Console &console);
int perform(const HelpWanted &help, Console &console);

}  // namespace vfslock::cli
