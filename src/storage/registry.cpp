#include "storage/registry.hpp"

#include "storage/local/local.hpp"
#include "storage/memory/memory.hpp"

namespace vfslock::impl {
namespace {

struct Storage {
  std::string_view scheme;
  Result<Place> (*open)(const Location &location, std::string_view pattern);
};

// Each storage once.
constexpr Storage storages[] = {
    {"file", [](const Location &location, std::string_view pattern) { return open_local(location, pattern); }},
    {"mem", open_memory},
};

}  // namespace

Result<Place> open_place(const Location &location, std::string_view pattern) {
  std::string known;
  for (const Storage &storage : storages) {
    if (storage.scheme == location.scheme) return storage.open(location, pattern);
    known.append(known.empty() ? "" : ", ").append(storage.scheme).append("://");
  }
  return Error{Status::UNSUPPORTED, "no storage serves " + location.scheme + ":// (this build knows " + known + ")"};
}

}  // namespace vfslock::impl
