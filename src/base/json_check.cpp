#include "base/json_check.hpp"

#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace vfslock::impl::json {
namespace {

bool is_digit(int c) { return c >= '0' && c <= '9'; }

// Recursive descent; max_depth bounds the stack.
class Checker {
 public:
  Checker(std::string_view text, std::size_t longest_string) : text_(text), longest_string_(longest_string) {}

  Result<Outline> run() {
    if (text_.size() > max_text) return corrupt("more than 16384 bytes", max_text);
    skip_space();
    if (at_ == text_.size()) return corrupt("no JSON value in an empty text", at_);
    value(0, longest_string_);
    skip_space();
    if (!failed_ && at_ != text_.size()) fail("something follows the end of the JSON value");
    if (failed_) return *failed_;
    return std::move(outline_);
  }

 private:
  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }

  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  void fail(const char *what) {
    if (!failed_) failed_ = corrupt(what, at_);
  }

  // Number lexemes and literals end where no letter or digit follows; what follows is checked by the caller.
  void literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("expected a JSON value");
    at_ += word.size();
  }

  void value(std::size_t depth, std::size_t string_limit) {
    if (failed_) return;
    if (++values_ > max_values) return fail("more than 256 values");
    switch (peek()) {
      case '{': return object(depth + 1, string_limit);
      case '[': return array(depth + 1, string_limit);
      case '"': return string(string_limit);
      case 't': return literal("true");
      case 'f': return literal("false");
      case 'n': return literal("null");
      case -1: return fail("the text ends where a JSON value is expected");
      default: return number();
    }
  }

  void object(std::size_t depth, std::size_t string_limit) {
    if (depth > max_depth) return fail("nested more than 8 deep");
    ++at_;
    skip_space();
    if (take('}')) return;
    for (std::size_t count = 1;; ++count) {
      if (count > max_members) return fail("more than 64 members in one object");
      const std::size_t name_at = at_;
      if (peek() != '"') return fail("expected a member name in quotes");
      outline_.name_offsets.push_back(static_cast<std::uint32_t>(name_at));
      string(string_limit);
      if (failed_) return;
      const bool attributes = depth == 1 && text_.substr(name_at, at_ - name_at) == "\"attributes\"";
      skip_space();
      if (!take(':')) return fail("expected ':' after a member name");
      skip_space();
      value(depth, attributes ? max_text : string_limit);
      if (failed_) return;
      skip_space();
      if (take('}')) return;
      if (!take(',')) return fail("expected ',' or '}' in an object");
      skip_space();
    }
  }

  void array(std::size_t depth, std::size_t string_limit) {
    if (depth > max_depth) return fail("nested more than 8 deep");
    ++at_;
    skip_space();
    if (take(']')) return;
    for (std::size_t count = 1;; ++count) {
      if (count > max_items) return fail("more than 64 items in one array");
      value(depth, string_limit);
      if (failed_) return;
      skip_space();
      if (take(']')) return;
      if (!take(',')) return fail("expected ',' or ']' in an array");
      skip_space();
    }
  }

  void number() {
    const std::size_t start = at_;
    take('-');
    if (!is_digit(peek())) {
      at_ = start;
      return fail("expected a JSON value");
    }
    if (!take('0')) digits();
    if (is_digit(peek())) return fail("a number with a leading zero");
    if (take('.') && !digits()) return fail("expected a digit after the decimal point");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return fail("expected a digit in the exponent");
    }
    if (at_ - start > 63) return fail("a number of more than 63 characters");  // cJSON's buffer
    outline_.numbers.push_back(text_.substr(start, at_ - start));
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  void string(std::size_t limit) {
    ++at_;
    std::size_t size = 0;  // of the decoded bytes
    while (!take('"')) {
      const int c = peek();
      if (c < 0) return fail("the text ends inside a string");
      if (c < 0x20) return fail("a control byte inside a string");
      if (c == '\\') {
        size += escape();
      } else {
        const std::size_t length = utf8_length(text_.substr(at_));
        if (length == 0) return fail("bytes that are not UTF-8");
        at_ += length;
        size += length;
      }
      if (failed_) return;
      if (size > limit) return fail("a string of more than 1024 bytes");
    }
  }

  // Returns how many bytes the escape stands for.
  std::size_t escape() {
    static constexpr std::string_view simple = "\"\\/bfnrt";
    const std::size_t start = at_++;
    if (peek() >= 0 && simple.find(static_cast<char>(peek())) != std::string_view::npos) {
      ++at_;
      return 1;
    }
    const std::optional<unsigned> first = unicode_escape();
    if (!first) return fail_at(start, "an escape that JSON does not have");
    if (*first == 0) return fail_at(start, "a NUL character");
    if (*first < 0x80) return 1;
    if (*first < 0x800) return 2;
    if (*first < 0xD800 || *first > 0xDFFF) return 3;
    if (*first > 0xDBFF || !take('\\')) return fail_at(start, "half of a surrogate pair");
    const std::optional<unsigned> second = unicode_escape();
    if (!second || *second < 0xDC00 || *second > 0xDFFF) return fail_at(start, "half of a surrogate pair");
    return 4;
  }

  std::optional<unsigned> unicode_escape() {
    if (!take('u')) return std::nullopt;
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const int c = peek();
      const int lower = c | 0x20;
      if (is_digit(c)) {
        code = code * 16 + static_cast<unsigned>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        code = code * 16 + static_cast<unsigned>(lower - 'a' + 10);
      } else {
        return std::nullopt;
      }
      ++at_;
    }
    return code;
  }

  std::size_t fail_at(std::size_t at, const char *what) {
    at_ = at;
    fail(what);
    return 0;
  }

  const std::string_view text_;
  const std::size_t longest_string_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::optional<Error> failed_;
  Outline outline_;
};

}  // namespace

Result<Outline> check(std::string_view text, std::size_t longest_string) { return Checker(text, longest_string).run(); }

Error corrupt(const std::string &what, std::size_t at) {
  return Error{Status::CORRUPT_RECORD, what + ", at byte " + std::to_string(at)};
}

}  // namespace vfslock::impl::json
