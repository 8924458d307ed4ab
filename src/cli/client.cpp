#include "cli/client.hpp"

#include <cstdlib>
#include <string>

namespace vfslock::cli {
namespace {

// XDG Base Directory Specification: where state that is no data of the user's belongs.
std::string state_folder() {
  const char *state = std::getenv("XDG_STATE_HOME"), *home = std::getenv("HOME");
  if (state && *state == '/') return std::string(state) + "/vfslock";
  if (home && *home == '/') return std::string(home) + "/.local/state/vfslock";
  return "";
}

}  // namespace

Client open_client() {
  const char *chosen = std::getenv("VFSLOCK_STATE_DIR");
  const std::string folder = state_folder();
  Client client;
  if ((chosen && *chosen) || folder.empty() || vfslock_client_new(Out(client), nullptr) != VFSLOCK_OK) return nullptr;
  if (vfslock_client_set(client.get(), "state_dir", folder.c_str(), nullptr) != VFSLOCK_OK) return nullptr;
  return client;
}

}  // namespace vfslock::cli
