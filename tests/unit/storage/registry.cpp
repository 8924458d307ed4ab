#include <set>
#include <string>

#include <doctest/doctest.h>

#include "storage/lock_name.hpp"
#include "storage/registry.hpp"

using namespace vfslock::impl;

namespace {

Result<Place> place(std::string_view uri, std::string_view pattern = default_lock_pattern) {
  auto location = parse_location(uri);
  REQUIRE(location);
  return Storages({{"lock.name", std::string(pattern)}}).open(*location);
}

}  // namespace

TEST_CASE("mem:// names a memory and a key in it") {
  CHECK(place("mem://name/in/data.csv")->key == "in/data.csv.lock");
  CHECK(place("mem://name/a//b/../%41 ")->key == "a//b/../A .lock");
  CHECK(place("mem://name//x")->key == "/x.lock");
  CHECK(place("mem://name/x", ".{name}")->key == ".x");
}

TEST_CASE("one name is one memory, and mem:/// is another") {
  const auto a = place("mem://one/x"), b = place("mem://one/y"), other = place("mem://two/x");
  const auto none = place("mem:///x");
  CHECK(a->store == b->store);
  CHECK(a->store != other->store);
  CHECK(a->store != none->store);
  CHECK(a->store->identity("x.lock") == "mem://one/x.lock");
  CHECK(none->store->identity("x.lock") == "mem:///x.lock");
}

TEST_CASE("a prefix or nothing is no object") {
  for (const char *uri : {"mem://name/dir/", "mem://name/", "mem://name", "mem:///"})
    CHECK(place(uri).error().status == Status::INVALID_URI);
  CHECK(place("mem://name/x", "lock").error().status == Status::INVALID_ARGUMENT);
}

TEST_CASE("an unknown scheme is refused with the known ones") {
  const Error error = place("gopher://host/x").error();
  CHECK(error.status == Status::UNSUPPORTED);
  CHECK(error.message.find("gopher://") != std::string::npos);
  CHECK(error.message.find("mem://") != std::string::npos);
}

TEST_CASE("settings are checked by what reads them") {
  CHECK(check_settings({}));
  CHECK(check_settings({{"lock.name", ".{name}.l"}, {"file.mode", "0640"}, {"file.durable", "true"}, {"file.layout", "auto"}}));
  for (const auto &[key, value] : {std::pair{"lock.name", "lock"}, {"file.mode", "0400"}, {"file.mode", "rw"}, {"file.mode", "01777"},
                                   {"file.durable", "yes"}, {"file.allow_sticky", ""}, {"file.layout", "flock"}}) {
    const auto checked = check_settings({{key, value}});
    REQUIRE_FALSE(checked);
    CHECK(checked.error().status == Status::INVALID_ARGUMENT);
    CHECK(checked.error().message.find(key) != std::string::npos);
  }
}

TEST_CASE("every scheme is listed once") {
  CHECK(scheme_at(0) == std::string("file"));
  CHECK(scheme_at(1) == std::string("mem"));
  std::set<std::string> names;
  std::size_t count = 0;
  for (; scheme_at(count); ++count) names.insert(scheme_at(count));
  CHECK(names.size() == count);
}
