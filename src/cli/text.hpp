#pragma once
// Texts for a terminal and for JSON. What a record or a path says may be anything, also codes that command a
// terminal.
#include <cstdint>
#include <string>
#include <string_view>

namespace vfslock::cli {

// Control characters and bytes that are no UTF-8 as \xNN.
std::string printable(std::string_view text);

// At most `columns` characters, cut at their borders. A character counts as one column.
std::string cut(const std::string &text, std::size_t columns);

// One line of JSON: {"name":"value",...}.
class JsonLine {
 public:
  JsonLine &text(std::string_view name, std::string_view value);  // bytes that are no UTF-8 as in a URI: %E9
  JsonLine &number(std::string_view name, std::int64_t value);
  JsonLine &raw(std::string_view name, std::string_view json);  // is JSON already
  std::string str() const { return line_ + "}"; }

 private:
  void name(std::string_view name);
  std::string line_ = "{";
};

// JSON as somebody else wrote it, without line breaks and without space around it.
std::string one_line(std::string_view json);

// The same over several lines, for people: each member on its own, two spaces deeper than what it belongs to.
std::string indented(std::string_view json);

// "3 s", "2 min 5 s", "1 h 4 min", "3 d 2 h".
std::string span_text(std::int64_t ms);
// "2026-05-04 10:00:00 +0200", in the time zone of this process.
std::string moment_text(std::int64_t unix_ms);

}  // namespace vfslock::cli
