#include <doctest/doctest.h>

#include "base/rfc3339.hpp"

using namespace vfslock::impl;

namespace {

WallTime at(std::int64_t nanoseconds) { return WallTime(Duration(nanoseconds)); }

}  // namespace

TEST_CASE("times are written in UTC with as many digits as they need") {
  CHECK(format_rfc3339(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339(at(1'777'888'800'123'456'789)) == "2026-05-04T10:00:00.123456789Z");
  CHECK(format_rfc3339(at(1'777'888'800'500'000'000)) == "2026-05-04T10:00:00.5Z");
  CHECK(format_rfc3339(at(1'777'888'800'000'000'001)) == "2026-05-04T10:00:00.000000001Z");
  CHECK(format_rfc3339(at(-1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(format_rfc3339(WallTime::max()) == "2262-04-11T23:47:16.854775807Z");
  CHECK(format_rfc3339(WallTime::min()) == "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("times that others write are read") {
  CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == at(0));
  CHECK(parse_rfc3339("2026-05-04T10:00:00.123456789Z") == at(1'777'888'800'123'456'789));
  CHECK(parse_rfc3339("2026-05-04T12:00:00.5+02:00") == at(1'777'888'800'500'000'000));
  CHECK(parse_rfc3339("2026-05-04T04:30:00-05:30") == at(1'777'888'800'000'000'000));
  CHECK(parse_rfc3339("2026-05-04T10:00:00.123456789999Z") == at(1'777'888'800'123'456'789));
  CHECK(parse_rfc3339("2026-05-04T10:00:00.00000000000000000000000000000000001Z") == at(1'777'888'800'000'000'000));
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z") == at(1'709'164'800'000'000'000));
  CHECK(parse_rfc3339("1969-12-31T23:59:59.999999999Z") == at(-1));
}

TEST_CASE("times beyond what can be held stay at the end") {
  CHECK(parse_rfc3339("9999-12-31T23:59:59Z") == WallTime::max());
  CHECK(parse_rfc3339("2262-04-11T23:47:17Z") == WallTime::max());
  CHECK(parse_rfc3339("0000-01-01T00:00:00+23:59") == WallTime::min());
  CHECK(parse_rfc3339("1677-09-21T00:12:42Z") == WallTime::min());
}

TEST_CASE("what is no RFC 3339 time is refused") {
  for (const char *text :
       {"", "2026-05-04", "2026-05-04t10:00:00Z", "2026-05-04T10:00:00z", "2026-05-04 10:00:00Z",
        "2026-05-04T10:00:00", "2026-05-04T10:00:00.Z", "2026-05-04T10:00:00,5Z", "2026-05-04T10:00Z", "2026-05-04T24:00:00Z",
        "2026-05-04T10:60:00Z", "2026-05-04T10:00:60Z", "2026-13-01T10:00:00Z", "2026-00-01T10:00:00Z",
        "2026-02-29T10:00:00Z", "2026-04-31T10:00:00Z", "2026-05-04T10:00:00+2:00", "2026-05-04T10:00:00+0200",
        "2026-05-04T10:00:00+24:00", "2026-05-04T10:00:00+02:60", "2026-05-04T10:00:00Z ", " 2026-05-04T10:00:00Z",
        "26-05-04T10:00:00Z", "+2026-05-04T10:00:00Z", "2026-5-4T10:00:00Z", "-026-05-04T10:00:00Z"})
    CHECK_MESSAGE(!parse_rfc3339(text), text);
}

TEST_CASE("times read back as they were written") {
  for (std::int64_t t : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{951'782'400'000'000'123},
                         std::int64_t{-2'208'988'800'000'000'000}, std::int64_t{4'102'444'800'999'999'999}})
    CHECK(parse_rfc3339(format_rfc3339(at(t))) == at(t));
}
