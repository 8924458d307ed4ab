#pragma once
// errno as local storage reads it (BACKENDS §6).
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl::local {

// "cannot <what> <path>: <errno's text>" with the status that this errno stands for.
Error os_error(const char *what, std::string_view path, int error_number);

// A path for a message: what is no printable UTF-8 is written \xNN.
std::string shown(std::string_view path);

}  // namespace vfslock::impl::local
