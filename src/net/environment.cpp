#include "net/environment.hpp"

#include <cstdlib>

namespace vfslock::impl::net {

Environment process_environment() {
  return [](const char *name) -> std::optional<std::string> {
    const char *value = secure_getenv(name);
    if (!value || !*value) return std::nullopt;
    return std::string(value);
  };
}

}  // namespace vfslock::impl::net
