#pragma once
// The locks below a place: what whole segments of a URI's path begin.
#include <memory>
#include <optional>

#include "storage/registry.hpp"

namespace vfslock::impl {

// Objects of a store, page after page. `folder`: the place of some file directly below the prefix.
std::unique_ptr<Listing> list_objects(Place folder, const Location &prefix, std::string pattern);

// A directory and those below it; symbolic links are not followed.
std::unique_ptr<Listing> list_directories(Storages &storages, const Location &prefix, std::string pattern);

}  // namespace vfslock::impl
