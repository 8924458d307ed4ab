#include <doctest/doctest.h>

#include <limits>

#include "base/json.hpp"

using namespace vfslock::impl;
using json::Value;

namespace {

Value sample() {
  Value attributes = Value::object();
  attributes.add("job", Value::of("17")).add("é\"\\", Value::of(std::string("\n\x01\x7f€", 6)));
  Value list = Value::array();
  list.items = {Value::of(1), Value(), Value::of(true)};
  Value value = Value::object();
  value.add("ttl", Value::of(std::numeric_limits<std::int64_t>::max())).add("keep", Value::of(false));
  value.add("attributes", attributes).add("list", list).add("none", Value::object()).add("empty", Value::array());
  return value;
}

}  // namespace

TEST_CASE("write gives one line without spaces, UTF-8 kept, control characters escaped") {
  CHECK(json::write(sample()) == R"({"ttl":9223372036854775807,"keep":false,"attributes":{"job":"17",)"
                                 R"("é\"\\":"\n\u0001\u007f€"},"list":[1,null,true],"none":{},"empty":[]})");
}

TEST_CASE("an object written member by member is the same text") {
  Value inner = Value::object();
  inner.add("a\"", Value::of("\\b")).add("c", Value::of(""));
  Value value = Value::object();
  value.add("s", Value::of("x\ny")).add("i", Value::of(std::numeric_limits<std::int64_t>::min())).add("d", Value::of("-7"));
  value.add("t", Value::of(true)).add("f", Value::of(false)).add("o", inner).add("e", Value::object());
  json::ObjectWriter writer;
  writer.string("s", "x\ny").integer("i", std::numeric_limits<std::int64_t>::min()).decimal("d", -7);
  writer.boolean("t", true).boolean("f", false).begin("o").string("a\"", "\\b").string("c", "").end();
  writer.begin("e").end();
  CHECK(writer.take() == json::write(value));
}

TEST_CASE("write_pretty indents by two spaces") {
  CHECK(json::write_pretty(sample()) ==
        "{\n  \"ttl\": 9223372036854775807,\n  \"keep\": false,\n  \"attributes\": {\n    \"job\": \"17\",\n"
        "    \"é\\\"\\\\\": \"\\n\\u0001\\u007f€\"\n  },\n  \"list\": [\n    1,\n    null,\n    true\n  ],\n"
        "  \"none\": {},\n  \"empty\": []\n}");
}

TEST_CASE("what is written reads back as it was") {
  for (const std::string &text : {json::write(sample()), json::write_pretty(sample())}) {
    const auto back = json::parse(text);
    REQUIRE(back);
    CHECK(json::write(*back) == json::write(sample()));
  }
  for (const char *text : {"-9223372036854775808", "1e999", "[1.50]", "null", "\"\""})
    CHECK(json::write(*json::parse(text)) == text);
}
