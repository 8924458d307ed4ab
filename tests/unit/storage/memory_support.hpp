#pragma once
// Short words for the tests of the memory storage.
#include <doctest/doctest.h>

#include "storage/memory/memory.hpp"

namespace vfslock::impl {

inline Write text(std::string bytes) {
  return Write{1, std::string(32, '0'), [bytes](std::optional<std::int64_t>) { return bytes; }};
}

inline Put begin(MemoryStore &store, const std::string &key, const std::string &bytes, TenurePtr &tenure) {
  auto put = store.put(key, text(bytes), IfAbsent{}, Step::begin, tenure, Call{});
  REQUIRE(put);
  return *put;
}

inline Look look(MemoryStore &store, const std::string &key) {
  auto look = store.get(key, Reading::exact, Call{});
  REQUIRE(look);
  return *look;
}

}  // namespace vfslock::impl
