#pragma once
// Which storage serves a URI.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/uri.hpp"
#include "seam/store.hpp"

namespace vfslock::impl {

// A store, and the key in it of the lock (not of the file that it locks).
struct Place {
  std::shared_ptr<Store> store;
  std::string key;
};

// `pattern` names the lock beside its file: storage/lock_name.hpp. UNSUPPORTED for a scheme that no storage serves.
Result<Place> open_place(const Location &location, std::string_view pattern);

}  // namespace vfslock::impl
