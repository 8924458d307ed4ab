#pragma once
// What --help says after the list of options.

namespace vfslock::cli {

extern const char *const general_help;
extern const char *const run_help;
extern const char *const acquire_help;
extern const char *const renew_help;
extern const char *const release_help;
extern const char *const status_help;
extern const char *const watch_help;
extern const char *const list_help;
extern const char *const break_help;
extern const char *const probe_help;
extern const char *const version_help;

}  // namespace vfslock::cli
