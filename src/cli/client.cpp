#include "cli/client.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <new>
#include <string>
#include <string_view>

#include <unistd.h>

#include "cli/usage.hpp"

namespace vfslock::cli {
namespace {

constexpr std::string_view levels[] = {"debug", "info", "warning"};

// XDG Base Directory Specification: where state that is no data of the user's belongs.
std::string state_folder() {
  const char *state = std::getenv("XDG_STATE_HOME"), *home = std::getenv("HOME");
  if (state && *state == '/') return std::string(state) + "/vfslock";
  // A home that does not exist, as /nonexistent, is meant not to: it is not made.
  if (home && *home == '/' && ::access(home, F_OK) == 0) return std::string(home) + "/.local/state/vfslock";
  return "";
}

std::ptrdiff_t rank(std::string_view level) { return std::find(std::begin(levels), std::end(levels), level) - std::begin(levels); }

struct Log {
  Console &console;
  std::ptrdiff_t least;
};

std::int32_t on_log(void *user_data, const vfslock_event *event) {
  const auto &log = *static_cast<Log *>(user_data);
  const std::string level = vfslock_event_text(event, "level");
  if (rank(level) < log.least) return 0;
  const std::int64_t dropped = vfslock_event_number(event, "dropped"), us = vfslock_event_number(event, "duration_us");
  const std::string before = dropped ? "(" + std::to_string(dropped) + " left out) " : "";
  const std::string took = " [" + std::to_string(us / 1000) + "." + std::to_string(us % 1000 / 100) + " ms]";
  log.console.tell({"log", before + level + ": " + vfslock_event_text(event, "operation") + " " + vfslock_event_uri(event) +
                               ": " + vfslock_event_text(event, "message") + took});
  return 0;
}

void listen(vfslock_client *client, Console &console) {
  const char *wanted = std::getenv("VFSLOCK_LOG");
  if (!wanted || !*wanted) return;
  const auto least = rank(wanted);
  if (least == std::end(levels) - std::begin(levels))
    throw UsageError("VFSLOCK_LOG: \"" + std::string(wanted) + "\" is none of debug, info, warning");
  vfslock_client_on_log(client, on_log, new Log{console, least}, [](void *log) { delete static_cast<Log *>(log); }, nullptr);
}

}  // namespace

Client open_client(Console &console) {
  Client client;
  if (vfslock_client_new(Out(client), nullptr) != VFSLOCK_OK) throw std::bad_alloc();
  const char *chosen = std::getenv("VFSLOCK_STATE_DIR");
  const std::string folder = state_folder();
  if (!(chosen && *chosen) && !folder.empty()) vfslock_client_set(client.get(), "state_dir", folder.c_str(), nullptr);
  listen(client.get(), console);
  return client;
}

}  // namespace vfslock::cli
