#pragma once
// What the caller wrote, checked. CLI11, which reads it, is named in arguments.cpp alone.
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <vfslock/vfslock.h>

#include "cli/exit_codes.hpp"

namespace vfslock::cli {

struct RunArguments {
  std::string uri;
  std::vector<std::string> command;
  std::int64_t ttl_ms = 30'000;
  std::int64_t wait_ms = VFSLOCK_NO_WAIT;
  std::string owner;
  bool refuse_stale = false;
  std::int32_t require = VFSLOCK_GUARANTEE_TIMED;
  std::string steal = "lease";
  bool keep = false;
  int held_exit = exit_held;
  bool json = false;
};

struct StatusArguments {
  std::string uri;
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

using Arguments = std::variant<RunArguments, StatusArguments, ProbeArguments, VersionArguments, HelpWanted>;

// Throws UsageError.
Arguments parse_arguments(int argc, const char *const *argv);

}  // namespace vfslock::cli
