#pragma once
// Which storage serves a URI.
#include <memory>
#include <optional>
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

// Locks one after the other, in the storage's own order. An error does not end it: the next call goes on with what can be
// listed, so that who goes on comes to an end.
class Listing {
 public:
  virtual ~Listing() = default;
  struct Found {
    Place place;
    Location location;  // of the file that is locked
  };
  virtual Result<std::optional<Found>> next(const Call &call) = 0;  // nullopt: after the last one
};

// How a place is opened by who wants to lock there.
struct Opening {
  bool create_parents = false;  // directories that are missing are made, where the storage has such
};

class S3;

// What one client has open: connections, credentials and what was learned of servers serve all its locks. Thread-safe.
class Storages {
 public:
  explicit Storages(Settings settings = {});
  ~Storages();
  Storages(const Storages &) = delete;
  Storages &operator=(const Storages &) = delete;

  // UNSUPPORTED for a scheme that no storage serves. lock.name names the lock beside its file: storage/lock_name.hpp.
  Result<Place> open(const Location &location, const Opening &opening = {});

  // The locks below a prefix, by whole segments of its path. The listing uses this object.
  Result<std::unique_ptr<Listing>> list(Location prefix);

  const Settings &settings() const { return settings_; }
  Result<std::shared_ptr<S3>> s3();  // opened at the first call

 private:
  const Settings settings_;
  std::shared_ptr<S3> s3_;  // guarded by net::mutex()
};

// Whether all values are ones that Storages takes.
Result<Done> check_settings(const Settings &settings);

const char *scheme_at(std::size_t index) noexcept;  // nullptr after the last one

}  // namespace vfslock::impl
