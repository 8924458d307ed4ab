#pragma once
// JSON as lock records need it: exact 64-bit integers, and limits that are checked before anything is built.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace vfslock::impl::json {

// RELIABILITY §10. The last two bound the memory that hostile records can cost (F17); ours hold about twenty values.
constexpr std::size_t max_text = 16 * 1024;
constexpr std::size_t max_depth = 8;
constexpr std::size_t max_members = 64;
constexpr std::size_t max_string = 1024;  // below a top-level member "attributes": as long as the text may be
constexpr std::size_t max_items = 64;
constexpr std::size_t max_values = 256;

struct Value {
  enum class Kind { null, boolean, integer, number, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;  // a string's bytes, or the lexeme of a number that is no int64 integer
  std::vector<Value> items;
  std::vector<std::pair<std::string, Value>> members;  // in the order of the text

  // Defined where the type is complete: `members` holds it within a pair.
  Value();
  Value(const Value &);
  Value(Value &&) noexcept;
  Value &operator=(const Value &);
  Value &operator=(Value &&) noexcept;
  ~Value();

  const Value *find(std::string_view name) const;  // exact name; nullptr where there is none

  static Value of(std::string text);
  static Value of(const char *text);  // or a literal would become a boolean
  static Value of(std::int64_t number);
  static Value of(int number);
  static Value of(bool truth);
  static Value object();
  static Value array();
  Value &add(std::string name, Value value);  // returns *this
};

// The whole text is one value; white space around it is padding. CORRUPT_RECORD says what is wrong at which byte.
Result<Value> parse(std::string_view text, std::size_t longest_string = max_string);

// One object as a line of text, member by member: what write() gives for the same Value, without building it first.
class ObjectWriter {
 public:
  ObjectWriter() { out_.reserve(500), out_ += '{'; }
  ObjectWriter &string(std::string_view name, std::string_view text);
  ObjectWriter &integer(std::string_view name, std::int64_t number);
  ObjectWriter &decimal(std::string_view name, std::int64_t number);  // as a string (R18)
  ObjectWriter &boolean(std::string_view name, bool truth);
  ObjectWriter &begin(std::string_view name);  // what follows belongs to an object of that name
  ObjectWriter &end();
  std::string take();

 private:
  void name(std::string_view name);
  void digits(std::int64_t number);
  std::string out_;
};

std::string write(const Value &value);         // one line, no spaces
std::string write_pretty(const Value &value);  // indented by two spaces

}  // namespace vfslock::impl::json
