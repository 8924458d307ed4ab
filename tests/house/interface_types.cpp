// Compiling this is the test: each function of functions.def has the same type in the list, as a prototype and as a
// member of the table, and members stand one after the other, so that programs built with an older header find theirs.
#include <cstddef>
#include <type_traits>

#include <vfslock/vfslock.h>

namespace {

enum Place {
#define FUNCTION(result, name, parameters) place_of_##name,
#include "lists/functions.def"
#undef FUNCTION
  function_count
};

#define FUNCTION(result, name, parameters)                                                                          \
  static_assert(std::is_same_v<decltype(&vfslock_##name), result(VFSLOCK_CALL *) parameters>, "prototype: " #name); \
  static_assert(std::is_same_v<decltype(vfslock_api::name), result(VFSLOCK_CALL *) parameters>, "table: " #name);   \
  static_assert(offsetof(vfslock_api, name) == sizeof(int64_t) + place_of_##name * sizeof(void *), "place: " #name);
#include "lists/functions.def"
#undef FUNCTION

static_assert(std::is_same_v<decltype(vfslock_api::size_bytes), int64_t>);
static_assert(sizeof(vfslock_api) == sizeof(int64_t) + function_count * sizeof(void *));

}  // namespace

int main() { return 0; }
