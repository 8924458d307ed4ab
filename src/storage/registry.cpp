#include "storage/registry.hpp"

#include <iterator>

#include "storage/local/local.hpp"
#include "storage/lock_name.hpp"
#include "storage/memory/memory.hpp"

namespace vfslock::impl {
namespace {

struct Storage {
  const char *scheme;
  Result<Place> (*open)(const Location &location, std::string_view pattern, const Settings &settings);
};

Result<Place> open_file(const Location &location, std::string_view pattern, const Settings &settings) {
  auto local = local_settings(settings);
  if (!local) return local.error();
  return open_local(location, pattern, *local);
}

Result<Place> open_mem(const Location &location, std::string_view pattern, const Settings &) {
  return open_memory(location, pattern);
}

// Each storage once.
constexpr Storage storages[] = {
    {"file", open_file},
    {"mem", open_mem},
};

}  // namespace

Result<Place> open_place(const Location &location, const Settings &settings) {
  std::string known;
  for (const Storage &storage : storages) {
    if (storage.scheme == location.scheme)
      return storage.open(location, setting_or(settings, "lock.name", default_lock_pattern), settings);
    known.append(known.empty() ? "" : ", ").append(storage.scheme).append("://");
  }
  return Error{Status::UNSUPPORTED, "no storage serves " + location.scheme + ":// (this build knows " + known + ")"};
}

Result<Done> check_settings(const Settings &settings) {
  if (auto name = lock_name("file", setting_or(settings, "lock.name", default_lock_pattern)); !name) return name.error();
  if (auto local = local_settings(settings); !local) return local.error();
  return Done{};
}

const char *scheme_at(std::size_t index) noexcept {
  return index < std::size(storages) ? storages[index].scheme : nullptr;
}

}  // namespace vfslock::impl
