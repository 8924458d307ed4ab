#pragma once
#include <functional>
#include <optional>
#include <string>

namespace vfslock::impl::net {

// What a variable is set to; nullopt where it is not set, or empty.
using Environment = std::function<std::optional<std::string>(const char *name)>;

// The process's own, not followed in set-user-ID programs.
Environment process_environment();

}  // namespace vfslock::impl::net
