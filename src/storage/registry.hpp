#pragma once
// Which storage serves a URI.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/uri.hpp"
#include "seam/store.hpp"
#include "storage/settings.hpp"

namespace vfslock::impl {

// A store, and the key in it of the lock (not of the file that it locks).
struct Place {
  std::shared_ptr<Store> store;
  std::string key;
};

// UNSUPPORTED for a scheme that no storage serves. lock.name names the lock beside its file: storage/lock_name.hpp.
Result<Place> open_place(const Location &location, const Settings &settings);

// Whether all values are ones that open_place takes.
Result<Done> check_settings(const Settings &settings);

const char *scheme_at(std::size_t index) noexcept;  // nullptr after the last one

}  // namespace vfslock::impl
