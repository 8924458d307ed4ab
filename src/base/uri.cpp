#include "base/uri.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace vfslock::impl {
namespace {

// Locale-free on purpose.
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char &c : out) c = lower(c);
  return out;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_escape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
}

// RFC 3986: what a path may hold unencoded.
bool is_path_char(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

std::string encode(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (is_path_char(c)) {
      out += c;
    } else {
      append_escape(out, c);
    }
  }
  return out;
}

// What the caller should have written, if each character stands for itself: valid escapes stay.
std::string repair(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_path_char(text[i]) || (text[i] == '%' && is_escape(text, i))) {
      out += text[i];
    } else {
      append_escape(out, text[i]);
    }
  }
  return out;
}

Error invalid(const std::string &message) { return Error{Status::INVALID_URI, message}; }

// Where "://" begins behind a scheme name; nullopt: a path.
std::optional<std::size_t> scheme_end(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && (is_alpha(text[i]) || (i > 0 && (is_digit(text[i]) || text[i] == '+' || text[i] == '-' ||
                                                             text[i] == '.'))))
    ++i;
  if (i == 0 || text.substr(i, 3) != "://") return std::nullopt;
  return i;
}

// Also finds passwords that hold a '/', which end the authority early: "u:p/w@host".
bool has_password(std::string_view rest) {
  const std::string_view first = rest.substr(0, rest.find('/'));
  if (const std::size_t at = first.rfind('@'); at != std::string_view::npos)
    return first.substr(0, at).find(':') != std::string_view::npos;
  const std::size_t colon = first.find(':');
  if (colon == std::string_view::npos || first.front() == '[') return false;
  bool port = true;
  for (const char c : first.substr(colon + 1)) port = port && is_digit(c);
  return !port && rest.find('@', colon) != std::string_view::npos;
}

// The first character that a URI may not hold as it stands, in words.
std::optional<std::string> misplaced(std::string_view rest) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\0') return "a NUL byte";
    if (is_control(rest[i])) return "a control byte";
    if (rest[i] == '?' || rest[i] == '#') return std::string("a raw '") + rest[i] + "'";
    if (rest[i] == '%' && !is_escape(rest, i)) return "a '%' without two hexadecimal digits";
  }
  return std::nullopt;
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool climbs(std::string_view path) {
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    if (path.substr(from, to - from) == "..") return true;
    from = to + 1;
  }
  return false;
}

Result<Location> parse_path(std::string_view text) {
  if (text.empty()) return invalid("the URI is empty: name a file, as in /dir/file or s3://bucket/key");
  if (text.find('\0') != std::string_view::npos) return invalid("the path has a NUL byte in it: no file can");
  return Location{"file", "", std::string(text), std::string(text)};
}

}  // namespace

Result<Location> parse_location(std::string_view text) {
  const auto end = scheme_end(text);
  if (!end) return parse_path(text);

  const std::string scheme = lower(text.substr(0, *end));
  const std::string_view rest = text.substr(*end + 3);
  if (has_password(rest))
    return invalid("the " + scheme + " URI has a password in it: write " + scheme +
                   "://user@host/path and give the password by the storage's own means");
  if (const auto what = misplaced(rest)) {
    if (*what == "a NUL byte") return invalid("the " + scheme + " URI has a NUL byte in it: no name can");
    return invalid("the URI has " + *what + " in it: if it belongs to the name, write " + scheme + "://" +
                   repair(rest));
  }

  const std::size_t slash = rest.find('/');
  std::string authority(rest.substr(0, slash));
  std::string path = slash == std::string_view::npos ? "" : decode(rest.substr(slash));
  for (const char c : path) {
    if (c == '\0') return invalid("the URI has %00 in it: no name can hold a NUL byte");
    // Files may be named so; object keys and paths on servers travel in requests (RELIABILITY §10).
    if (is_control(c) && scheme != "file")
      return invalid("the URI has an encoded control byte in it, which only names of local files may hold: " +
                     scheme + "://" + repair(rest));
  }
  if (scheme == "file") {
    if (!authority.empty() && lower(authority) != "localhost")
      return invalid("a file URI names no host but localhost: write file:///" + repair(rest) +
                     " if \"" + repair(authority) + "\" is a directory");
    authority.clear();
    if (path.empty()) return invalid("the file URI has no path: write file:///dir/file");
    // A reader of URIs resolves it by the text (RFC 3986 5.2.4), a file system by what the folder before it links to.
    if (climbs(path))
      return invalid("the file URI has '..' in it, which readers of URIs and file systems resolve differently: write it "
                     "without, or give the path alone, which is no URI");
  }
  return Location{scheme, std::move(authority), std::move(path), std::string(text)};
}

void append_escape(std::string &out, char byte) {
  static constexpr char hex[] = "0123456789ABCDEF";
  out += '%';
  out += hex[static_cast<unsigned char>(byte) >> 4];
  out += hex[static_cast<unsigned char>(byte) & 0xF];
}

std::string to_uri(const Location &location) {
  const std::string &path = location.path;
  if (location.scheme == "file" && (path.empty() || path.front() != '/' || climbs(path))) return path;
  return location.scheme + "://" + location.authority + encode(path);
}

}  // namespace vfslock::impl
