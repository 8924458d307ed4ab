#include <doctest/doctest.h>

#include <clocale>
#include <limits>
#include <vector>

#include "base/json.hpp"

using namespace vfslock::impl;
using json::Value;
using Kind = Value::Kind;

namespace {

Value parsed(std::string_view text) {
  auto value = json::parse(text);
  REQUIRE_MESSAGE(value, text);
  return *value;
}

}  // namespace

TEST_CASE("R18: every int64 survives exactly") {
  for (const char *lexeme : {"0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808"}) {
    const Value value = parsed(lexeme);
    CHECK(value.kind == Kind::integer);
    CHECK(std::to_string(value.integer) == lexeme);
  }
  CHECK(parsed("-0").integer == 0);
}

TEST_CASE("numbers that are no int64 keep their lexeme") {
  for (const char *lexeme : {"9223372036854775808", "-9223372036854775809", "1.0", "30e9", "-0.5E-3", "1e999"}) {
    const Value value = parsed(lexeme);
    CHECK(value.kind == Kind::number);
    CHECK(value.text == lexeme);
  }
}

TEST_CASE("numbers are paired with their places in nested values") {
  const Value value = parsed(R"({"a":[1,{"b":2},"3",[4,5.5]],"c":{"d":-6,"e":null},"f":7})");
  CHECK(value.find("a")->items[0].integer == 1);
  CHECK(value.find("a")->items[1].find("b")->integer == 2);
  CHECK(value.find("a")->items[2].text == "3");
  CHECK(value.find("a")->items[3].items[0].integer == 4);
  CHECK(value.find("a")->items[3].items[1].text == "5.5");
  CHECK(value.find("c")->find("d")->integer == -6);
  CHECK(value.find("c")->find("e")->kind == Kind::null);
  CHECK(value.find("f")->integer == 7);
}

TEST_CASE("members keep their order and are found by their exact names") {
  const Value value = parsed(R"( {"b":true,"a":false,"A":"x"} )");
  CHECK(value.members[0].first == "b");
  CHECK(value.members[1].first == "a");
  CHECK(value.find("b")->boolean);
  CHECK_FALSE(value.find("a")->boolean);
  CHECK(value.find("A")->text == "x");
  CHECK(value.find("B") == nullptr);
  CHECK(value.find("") == nullptr);
  CHECK(parsed("[1]").find("a") == nullptr);
}

TEST_CASE("strings are unescaped, surrogate pairs joined, UTF-8 kept") {
  CHECK(parsed(R"("\"\\\/\b\f\n\r\t")").text == "\"\\/\b\f\n\r\t");
  CHECK(parsed(R"("\u003c\u00e9\u20AC\ud83d\uDE00")").text == "<é€😀");
  CHECK(parsed("\"é€😀\x7f\"").text == "é€😀\x7f");
  CHECK(parsed(R"({"\u0061":1})").find("a") != nullptr);
}

TEST_CASE("white space around the value is padding, and nothing else is") {
  CHECK(parsed(" \t\r\n{} \n\t\r    ").kind == Kind::object);
  CHECK_FALSE(json::parse("{}\f"));
  CHECK_FALSE(json::parse(std::string_view("{}\0", 3)));
  CHECK_FALSE(json::parse("\xEF\xBB\xBF{}"));  // INTEROP §3: a byte order mark is refused
}

TEST_CASE("a record of the Go package is read") {
  const Value value = parsed(
      "{\n  \"createdAt\": \"2026-11-23T22:15:31.406084962Z\",\n  \"ttl\": 30000000000,\n"
      "  \"hostname\": \"vm\",\n  \"pid\": 23659,\n  \"ownerId\": \"job-7\"\n}");
  CHECK(value.find("ttl")->integer == 30'000'000'000);
  CHECK(value.find("ownerId")->text == "job-7");
}

TEST_CASE("a locale with a decimal comma changes nothing") {
  const char *const before = std::setlocale(LC_ALL, nullptr);
  const std::string kept = before ? before : "C";
  bool found = false;
  for (const char *name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"}) found = found || std::setlocale(LC_ALL, name);
  if (!found) MESSAGE("no locale with a decimal comma is installed: checked in the C locale only");
  CHECK(parsed("[1.5,2]").items[0].text == "1.5");
  CHECK(parsed("[1.5,2]").items[1].integer == 2);
  std::setlocale(LC_ALL, kept.c_str());
}
