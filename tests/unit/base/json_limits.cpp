// F17: each limit of RELIABILITY §10, at it and one beyond it, and what is no JSON at all.
#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace vfslock::impl;

namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  while (count-- > 0) out += text;
  return out;
}

std::string members(std::size_t count) {
  std::string out = "{";
  for (std::size_t i = 0; i < count; ++i) out += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":1";
  return out + "}";
}

// The message has to say this, and where.
void refused(std::string_view text, const std::string &message) {
  const auto value = json::parse(text);
  INFO(text.substr(0, 80));
  REQUIRE_FALSE(value);
  CHECK(value.error().status == Status::CORRUPT_RECORD);
  CHECK(value.error().message == message);
}

}  // namespace

TEST_CASE("F17: 16 KiB of text") {
  CHECK(json::parse("{}" + std::string(json::max_text - 2, ' ')));
  refused("{}" + std::string(json::max_text - 1, ' '), "more than 16384 bytes, at byte 16384");
}

TEST_CASE("F17: 8 levels") {
  CHECK(json::parse(repeat("[", 8) + repeat("]", 8)));
  refused(repeat("[", 9) + repeat("]", 9), "nested more than 8 deep, at byte 8");
  refused(repeat("{\"a\":", 9), "nested more than 8 deep, at byte 40");
  refused(repeat("[", 16000), "nested more than 8 deep, at byte 8");
}

TEST_CASE("F17: 64 members, 64 items, 256 values") {
  CHECK(json::parse(members(64)));
  refused(members(65), "more than 64 members in one object, at byte 503");
  CHECK(json::parse("[0" + repeat(",0", 63) + "]"));
  refused("[0" + repeat(",0", 64) + "]", "more than 64 items in one array, at byte 129");
  const std::string fifty = "[0" + repeat(",0", 49) + "]";  // 51 values each
  CHECK(json::parse("[" + fifty + repeat("," + fifty, 4) + "]"));
  refused("[" + fifty + repeat("," + fifty, 5) + "]", "more than 256 values, at byte 511");
}

TEST_CASE("F17: strings of 1 KiB, longer below attributes only") {
  const std::string longest(1024, 'x');
  CHECK(json::parse("\"" + longest + "\""));
  CHECK(json::parse("{\"" + longest + "\":1}"));
  CHECK(json::parse("\"" + repeat("\\u00e9", 512) + "\""));  // 1024 bytes once decoded
  refused("\"" + longest + "x\"", "a string of more than 1024 bytes, at byte 1026");
  refused("{\"" + longest + "x\":1}", "a string of more than 1024 bytes, at byte 1027");
  CHECK_FALSE(json::parse("\"" + repeat("\\u00e9", 512) + "x\""));

  const std::string large = "\"" + std::string(16000, 'x') + "\"";
  CHECK(json::parse("{\"attributes\":{\"a\":" + large + "}}"));
  CHECK(json::parse("{\"attributes\":{" + large + ":1}}"));
  CHECK_FALSE(json::parse("{\"attribute\":{\"a\":" + large + "}}"));
  CHECK_FALSE(json::parse("{\"x\":{\"attributes\":{\"a\":" + large + "}}}"));
  CHECK_FALSE(json::parse("{\"attributes\":{},\"a\":" + large + "}"));
}

TEST_CASE("F17: no name twice") {
  refused(R"({"a":1,"b":2,"a":3})", "a member name that the object already has, at byte 13");
  refused(R"({"a":1,"\u0061":3})", "a member name that the object already has, at byte 7");
  refused(R"({"x":{"a":1},"y":[{"b":1,"b":1}]})", "a member name that the object already has, at byte 25");
  CHECK(json::parse(R"({"a":{"a":1},"A":1})"));
}

TEST_CASE("F17: NUL, bad UTF-8, surrogate halves") {
  refused(std::string_view("\"a\0b\"", 5), "a control byte inside a string, at byte 2");
  refused(R"("a\u0000")", "a NUL character, at byte 2");
  refused("\"\n\"", "a control byte inside a string, at byte 1");
  refused("\"\xC0\x80\"", "bytes that are not UTF-8, at byte 1");
  refused("\"a\xE2\x82\"", "bytes that are not UTF-8, at byte 2");
  refused(R"("\ud83d")", "half of a surrogate pair, at byte 1");
  refused(R"("\ud83d\u0041")", "half of a surrogate pair, at byte 1");
  refused(R"("\ude00\ud83d")", "half of a surrogate pair, at byte 1");
  refused(R"("\x41")", "an escape that JSON does not have, at byte 1");
  refused(R"("\u12g4")", "an escape that JSON does not have, at byte 1");
}

TEST_CASE("F17: empty, torn, and what only looks like JSON") {
  refused("", "no JSON value in an empty text, at byte 0");
  refused("  ", "no JSON value in an empty text, at byte 2");
  refused(std::string(4096, '\0'), "expected a JSON value, at byte 0");
  refused("NaN", "expected a JSON value, at byte 0");
  refused("-Infinity", "expected a JSON value, at byte 0");
  refused("nul", "expected a JSON value, at byte 0");
  refused("{} x", "something follows the end of the JSON value, at byte 3");
  refused("{}{}", "something follows the end of the JSON value, at byte 2");
  refused("{\"a\":1,}", "expected a member name in quotes, at byte 7");
  refused("{'a':1}", "expected a member name in quotes, at byte 1");
  refused("{\"a\" 1}", "expected ':' after a member name, at byte 5");
  refused("{\"a\":1 \"b\":2}", "expected ',' or '}' in an object, at byte 7");
  refused("[1 2]", "expected ',' or ']' in an array, at byte 3");
  refused("[1,]", "expected a JSON value, at byte 3");
  refused("\"abc", "the text ends inside a string, at byte 4");
  refused("\"abc\\", "an escape that JSON does not have, at byte 4");
  refused("007", "a number with a leading zero, at byte 1");
  refused("+1", "expected a JSON value, at byte 0");
  refused("1.", "expected a digit after the decimal point, at byte 2");
  refused("1e+", "expected a digit in the exponent, at byte 3");
  refused("0x10", "something follows the end of the JSON value, at byte 1");
  refused("truefalse", "something follows the end of the JSON value, at byte 4");
  refused(std::string(64, '1'), "a number of more than 63 characters, at byte 64");
  CHECK(json::parse(std::string(63, '1')));
  refused("/* c */ 1", "expected a JSON value, at byte 0");
}

TEST_CASE("F17: every cut of a record is refused") {
  const std::string record =
      R"({"createdAt":"2026-05-04T10:00:00Z","ttl":50000000000,"pid":4711,"attributes":{"job":"\u0031é"}})";
  REQUIRE(json::parse(record));
  for (std::size_t size = 0; size < record.size(); ++size) CHECK_FALSE(json::parse(record.substr(0, size)));
}
