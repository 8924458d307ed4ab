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

class S3;

// What one client has open: connections, credentials and what was learned of servers serve all its locks. Thread-safe.
class Storages {
 public:
  explicit Storages(Settings settings = {});
  ~Storages();
  Storages(const Storages &) = delete;
  Storages &operator=(const Storages &) = delete;

  // UNSUPPORTED for a scheme that no storage serves. lock.name names the lock beside its file: storage/lock_name.hpp.
  Result<Place> open(const Location &location);

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
