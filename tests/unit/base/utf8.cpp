#include <doctest/doctest.h>

#include "base/utf8.hpp"

using vfslock::impl::is_utf8;

TEST_CASE("UTF-8 of RFC 3629, at each border") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain\x7f"));
  for (const char *good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(is_utf8(good));
  for (const char *bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xE2\x82", "\xE2\x82\xC0", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                          "\xF0\x90\x80", "\xFF"})
    CHECK_FALSE(is_utf8(bad));
}
