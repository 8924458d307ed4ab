#include <doctest/doctest.h>

#include "storage/lock_name.hpp"

using namespace vfslock::impl;

TEST_CASE("the lock stands beside its file") {
  CHECK(*lock_name("in/data.csv", default_lock_pattern) == "in/data.csv.lock");
  CHECK(*lock_name("/d/x", default_lock_pattern) == "/d/x.lock");
  CHECK(*lock_name("x", ".{name}.lck") == ".x.lck");
  CHECK(*lock_name("a//b", default_lock_pattern) == "a//b.lock");
  CHECK(*lock_name("a/..", default_lock_pattern) == "a/...lock");  // keys as written; paths are resolved before
  CHECK(*lock_name("d/{name}", default_lock_pattern) == "d/{name}.lock");
  CHECK(*lock_name("d/%41 \xff\n", default_lock_pattern) == "d/%41 \xff\n.lock");
}

TEST_CASE("a name that is a prefix or nothing is refused") {
  CHECK(lock_name("dir/", default_lock_pattern).error().status == Status::INVALID_URI);
  CHECK(lock_name("", default_lock_pattern).error().status == Status::INVALID_URI);
  CHECK(lock_name("dir/", default_lock_pattern).error().message.find("without its slash") != std::string::npos);
}

TEST_CASE("a pattern that does not name one companion is refused") {
  for (const char *pattern : {"", ".lock", "{name}", "{name}{name}", "locks/{name}", "../{name}.lock", "{name}\n"}) {
    const auto name = lock_name("x", pattern);
    REQUIRE_FALSE(name);
    CHECK(name.error().status == Status::INVALID_ARGUMENT);
    CHECK(name.error().message.find("{name}.lock") != std::string::npos);
  }
}
