#include "base/result.hpp"
#include "storage/registry.hpp"
#include "vfslock/vfslock.h"

using namespace vfslock::impl;

std::int32_t vfslock_version_number(void) { return VFSLOCK_VERSION_NUMBER; }
const char *vfslock_version_string(void) { return VFSLOCK_VERSION_STRING; }
const char *vfslock_scheme_at(std::int32_t index) { return index < 0 ? nullptr : scheme_at(static_cast<std::size_t>(index)); }
const char *vfslock_status_name(vfslock_status status) { return status_name(status); }
const char *vfslock_status_message(vfslock_status status) { return status_message(status); }
std::int32_t vfslock_status_group(vfslock_status status) { return status / 100; }

const vfslock_api *vfslock_get_api(std::int32_t abi) {
  static constexpr vfslock_api table = {
      sizeof(vfslock_api),
#define FUNCTION(returned, name, parameters) vfslock_##name,
#include "lists/functions.def"
#undef FUNCTION
  };
  return abi == VFSLOCK_ABI ? &table : nullptr;
}
