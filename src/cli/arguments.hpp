#pragma once
// What the caller wrote, checked. CLI11, which reads it, is named in arguments.cpp alone.
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <vfslock/vfslock.h>

#include "cli/exit_codes.hpp"

namespace vfslock::cli {

// How run and acquire take the lock.
struct LockArguments {
  std::string uri;
  std::int64_t ttl_ms = 0;
  std::int64_t wait_ms = VFSLOCK_NO_WAIT;
  std::string owner;
  std::vector<std::pair<std::string, std::string>> attributes;
  bool refuse_stale = false;
  std::int32_t require = VFSLOCK_GUARANTEE_TIMED;
  std::string steal = "lease";
  bool keep = false, create_parents = false, adopt_empty = false;
  int held_exit = exit_held;
  bool json = false;
};

struct RunArguments : LockArguments {
  std::vector<std::string> command;
};

struct AcquireArguments : LockArguments {};

// A detached tenure, by its id.
struct RenewArguments {
  std::string uri, id;
  std::int64_t ttl_ms = VFSLOCK_TTL_SAME;
  bool json = false;
};

struct ReleaseArguments {
  std::string uri, id;
  bool json = false;
};

struct StatusArguments {
  std::string uri;
  bool json = false;
};

struct WatchArguments {
  std::string uri;
  std::int64_t interval_ms = 1000;
  bool json = false;
};

struct ListArguments {
  std::string prefix;
  bool json = false;
};

struct BreakArguments {
  std::string uri, id;  // without an id: says which there is
  bool json = false;
};

struct ProbeArguments {
  std::string uri;
  bool json = false;
};

struct VersionArguments {
  bool json = false;
};

struct HelpWanted {
  std::string text;
};

using Arguments = std::variant<RunArguments, AcquireArguments, RenewArguments, ReleaseArguments, StatusArguments, WatchArguments,
                               ListArguments, BreakArguments, ProbeArguments, VersionArguments, HelpWanted>;

bool is_subcommand(const std::string &name);

// Throws UsageError.
Arguments parse_arguments(int argc, const char *const *argv);

}  // namespace vfslock::cli
