#include "storage/registry.hpp"

#include <iterator>

#include "storage/key_listing.hpp"
#include "storage/local/local.hpp"
#include "storage/lock_name.hpp"
#include "storage/memory/memory.hpp"
#ifdef VFSLOCK_S3
#include <mutex>

#include "net/mutex.hpp"
#include "storage/object/s3/s3.hpp"
#endif

namespace vfslock::impl {
namespace {

struct Storage {
  const char *scheme;
  Result<Place> (*open)(Storages &storages, const Location &location, std::string_view pattern, const Opening &opening);
  Result<std::unique_ptr<Listing>> (*list)(Storages &storages, const Location &prefix, std::string pattern);
};

Result<Place> open_file(Storages &storages, const Location &location, std::string_view pattern, const Opening &opening) {
  auto local = local_settings(storages.settings());
  if (!local) return local.error();
  local->create_parents = opening.create_parents;
  return open_local(location, pattern, *local);
}

Result<std::unique_ptr<Listing>> list_file(Storages &storages, const Location &prefix, std::string pattern) {
  auto local = local_settings(storages.settings());
  if (!local) return local.error();
  return list_local(prefix, std::move(pattern), *local);
}

// Where keys have slashes in them, any file there will do: it shows where the storage keeps the locks of its folder.
Result<std::unique_ptr<Listing>> list_below(Storages &storages, const Location &prefix, std::string pattern) {
  Location some = prefix;
  some.path = (prefix.path == "/" ? "" : prefix.path) + "/x";
  auto folder = storages.open(some);
  if (!folder) return folder.error();
  return list_keys(std::move(*folder), prefix, std::move(pattern));
}

Result<Place> open_mem(Storages &, const Location &location, std::string_view pattern, const Opening &) {
  return open_memory(location, pattern);
}

#ifdef VFSLOCK_S3
Result<Place> open_bucket(Storages &storages, const Location &location, std::string_view pattern, const Opening &) {
  auto s3 = storages.s3();
  if (!s3) return s3.error();
  return open_s3(*s3, location, pattern);
}
#endif

// Each storage once.
constexpr Storage storages[] = {
    {"file", open_file, list_file},
    {"mem", open_mem, list_below},
#ifdef VFSLOCK_S3
    {"s3", open_bucket, list_below},
#endif
};

}  // namespace

Storages::Storages(Settings settings) : settings_(std::move(settings)) {}
Storages::~Storages() = default;

static Result<const Storage *> storage_of(const Location &location) {
  std::string known;
  for (const Storage &storage : storages) {
    if (storage.scheme == location.scheme) return &storage;
    known.append(known.empty() ? "" : ", ").append(storage.scheme).append("://");
  }
  return Error{Status::UNSUPPORTED, "no storage serves " + location.scheme + ":// (this build knows " + known + ")"};
}

Result<Place> Storages::open(const Location &location, const Opening &opening) {
  auto storage = storage_of(location);
  if (!storage) return storage.error();
  return (*storage)->open(*this, location, setting_or(settings_, "lock.name", default_lock_pattern), opening);
}

Result<std::unique_ptr<Listing>> Storages::list(Location prefix) {
  auto storage = storage_of(prefix);
  if (!storage) return storage.error();
  while (prefix.path.size() > 1 && prefix.path.back() == '/') prefix.path.pop_back();
  return (*storage)->list(*this, prefix, std::string(setting_or(settings_, "lock.name", default_lock_pattern)));
}

#ifdef VFSLOCK_S3
Result<std::shared_ptr<S3>> Storages::s3() {
  {
    const std::lock_guard locked(net::mutex());
    if (s3_) return s3_;
  }
  auto fresh = open_s3_client(settings_);  // reads files: not under the mutex
  if (!fresh) return fresh;
  const std::lock_guard locked(net::mutex());
  if (!s3_) s3_ = std::move(*fresh);
  return s3_;
}
#endif

Result<Done> check_settings(const Settings &settings) {
  if (auto name = lock_name("file", setting_or(settings, "lock.name", default_lock_pattern)); !name) return name.error();
  if (auto local = local_settings(settings); !local) return local.error();
#ifdef VFSLOCK_S3
  if (auto s3 = s3_settings(settings); !s3) return s3.error();
#endif
  return Done{};
}

const char *scheme_at(std::size_t index) noexcept {
  return index < std::size(storages) ? storages[index].scheme : nullptr;
}

}  // namespace vfslock::impl
