#include "cli/text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace vfslock::cli {
namespace {

// The length of the UTF-8 character that starts `text`; 0 where none does.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0, surrogate = first == 0xED && second > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90, too_high = first == 0xF4 && second > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;  // C1
}

void append_formatted(std::string &to, const char *format, unsigned value) {
  std::array<char, 16> buffer;
  std::snprintf(buffer.data(), buffer.size(), format, value);
  to += buffer.data();
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = character(text);
    const std::string_view next = text.substr(0, length ? length : 1);
    if (length && !is_control(next)) result += next;
    else
      for (char byte : next) append_formatted(result, "\\x%02x", static_cast<unsigned char>(byte));
    text.remove_prefix(next.size());
  }
  return result;
}

std::string cut(const std::string &text, std::size_t columns) {
  std::string_view rest = text;
  for (std::size_t used = 0; !rest.empty() && used < columns; ++used) {
    const std::size_t length = character(rest);
    rest.remove_prefix(length ? length : 1);
  }
  return text.substr(0, text.size() - rest.size());
}

void JsonLine::name(std::string_view name) {
  if (line_.size() > 1) line_ += ',';
  (line_ += '"') += name;
  line_ += "\":";
}

JsonLine &JsonLine::text(std::string_view key, std::string_view value) {
  name(key);
  line_ += '"';
  while (!value.empty()) {
    const std::size_t length = character(value);
    const std::string_view next = value.substr(0, length ? length : 1);
    if (!length) append_formatted(line_, "%%%02X", static_cast<unsigned char>(next[0]));
    else if (next == "\"" || next == "\\") (line_ += '\\') += next;
    else if (length == 1 && is_control(next)) append_formatted(line_, "\\u%04x", static_cast<unsigned char>(next[0]));
    else line_ += next;
    value.remove_prefix(next.size());
  }
  line_ += '"';
  return *this;
}

JsonLine &JsonLine::number(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }

JsonLine &JsonLine::raw(std::string_view key, std::string_view json) {
  name(key);
  line_ += json;
  return *this;
}

std::string one_line(std::string_view json) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = json.find_first_not_of(space), last = json.find_last_not_of(space);
  if (first == std::string_view::npos) return "";
  std::string result(json.substr(first, last - first + 1));
  for (char &byte : result)
    if (byte == '\r' || byte == '\n') byte = ' ';  // between values: inside strings JSON has none
  return result;
}

std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out.append(1, '\n').append(depth * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      in_string = c != '"';
      continue;
    }
    const bool closes = c == '}' || c == ']', opens = c == '{' || c == '[';
    if (closes && depth > 0 && out.back() != '{' && out.back() != '[') --depth, new_line();
    else if (closes && depth > 0) --depth;
    out += c;
    in_string = c == '"';
    if (c == ':') out += ' ';
    if (opens) ++depth;
    const char next = i + 1 < json.size() ? json[i + 1] : ' ';
    if ((opens && next != '}' && next != ']') || c == ',') new_line();
  }
  return out;
}

std::string span_text(std::int64_t ms) {
  const std::int64_t s = ms / 1000, min = s / 60, h = min / 60, d = h / 24;
  const auto two = [](std::int64_t a, const char *unit, std::int64_t b, const char *smaller) {
    return std::to_string(a) + unit + (b ? " " + std::to_string(b) + smaller : "");
  };
  if (d) return two(d, " d", h % 24, " h");
  if (h) return two(h, " h", min % 60, " min");
  if (min) return two(min, " min", s % 60, " s");
  if (s) return std::to_string(s) + " s";
  return std::to_string(ms) + " ms";
}

std::string moment_text(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  std::array<char, 64> buffer;
  if (!localtime_r(&seconds, &parts)) return std::to_string(unix_ms) + " ms after 1970";
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M:%S %z", &parts)};
}

}  // namespace vfslock::cli
