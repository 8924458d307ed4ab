#pragma once
#include <memory>
#include <string>

#include "storage/registry.hpp"

namespace vfslock::impl {

// The locks below a place whose names are keys, at any depth. `folder`: the place of some file directly below the prefix.
std::unique_ptr<Listing> list_keys(Place folder, const Location &prefix, std::string pattern);

}  // namespace vfslock::impl
