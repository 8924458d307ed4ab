#pragma once
// What was set of the keys in lists/options.def that say where locks lie and how storages are used.
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl {

// What is absent is as built in.
using Settings = std::map<std::string, std::string, std::less<>>;

std::string_view setting_or(const Settings &settings, std::string_view key, std::string_view built_in);

// INVALID_ARGUMENT: what the value is and what it must be.
Error bad_setting(std::string_view key, std::string_view value, std::string_view what_it_must_be);

Result<bool> boolean_setting(const Settings &settings, std::string_view key, bool built_in);

}  // namespace vfslock::impl
