#pragma once
// The keys that clients and options take by name: lists/options.def.
#include <string_view>

#include "capi/handles.hpp"

namespace vfslock::impl {

// Throws a Failure that names the nearest known key.
const vfslock_key &key_named(std::string_view name, vfslock_key::Scope scope);

}  // namespace vfslock::impl
