#pragma once
// What --help says after the list of options.

namespace vfslock::cli {

extern const char *const general_help;
extern const char *const run_help;
extern const char *const status_help;
extern const char *const probe_help;
extern const char *const version_help;

}  // namespace vfslock::cli
