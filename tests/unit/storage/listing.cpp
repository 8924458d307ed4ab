#include <doctest/doctest.h>

#include "storage/key_listing.hpp"
#include "storage/memory/memory.hpp"

using namespace vfslock::impl;

TEST_CASE("a list of keys that cannot be read is told once, and then it ends") {
  auto store = std::make_shared<MemoryStore>(MemoryOptions{});
  store->plant("in/a.lock", "a");
  store->plant("in/b/c.lock", "c");
  store->plant("inbox.lock", "d");
  store->plant("in/no lock", "e");
  const auto list = [&] { return list_keys({store, "in/x.lock"}, {"mem", "m", "/in", ""}, "{name}.lock"); };
  const Call call{BootTime::max(), nullptr};

  auto good = list();
  for (const char *path : {"/in/a", "/in/b/c"}) {
    auto found = good->next(call);
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->location.path == path);
  }
  auto end = good->next(call);
  REQUIRE(end);
  CHECK_FALSE(*end);

  store->inject({[](const MemoryRequest &) -> MemoryFault { return {MemoryFault::Kind::error, {Status::UNAVAILABLE, "down"}}; },
                 nullptr});
  auto bad = list();
  CHECK_FALSE(bad->next(call));
  auto after = bad->next(call);
  REQUIRE(after);
  CHECK_FALSE(*after);
}
