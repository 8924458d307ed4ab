#include "base/json.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <new>

#include <cjson/cJSON.h>

#include "base/json_check.hpp"

namespace vfslock::impl::json {
namespace {

using Kind = Value::Kind;

struct DeleteTree {
  void operator()(cJSON *tree) const { cJSON_Delete(tree); }
};
using Tree = std::unique_ptr<cJSON, DeleteTree>;

// Turns cJSON's tree into ours, freeing it on the way: both at once would cost too much memory (F17). Pairs the
// numbers with their lexemes, since cJSON keeps doubles (R18).
class Reader {
 public:
  explicit Reader(const Outline &outline) : outline_(outline) {}

  Result<Value> read(cJSON &node) {
    Value value;
    if (cJSON_IsString(&node)) {
      value.kind = Kind::string;
      value.text = node.valuestring;
    } else if (cJSON_IsNumber(&node)) {
      value = number(outline_.numbers[numbers_++]);
    } else if (cJSON_IsBool(&node)) {
      value = Value::of(static_cast<bool>(cJSON_IsTrue(&node)));
    } else if (cJSON_IsArray(&node)) {
      value.kind = Kind::array;
      value.items.reserve(static_cast<std::size_t>(cJSON_GetArraySize(&node)));
      while (node.child) {
        const Tree child(cJSON_DetachItemViaPointer(&node, node.child));
        auto item = read(*child);
        if (!item) return item;
        value.items.push_back(std::move(*item));
      }
    } else if (cJSON_IsObject(&node)) {
      value.kind = Kind::object;
      value.members.reserve(static_cast<std::size_t>(cJSON_GetArraySize(&node)));
      while (node.child) {
        const Tree child(cJSON_DetachItemViaPointer(&node, node.child));
        const std::size_t name_at = outline_.name_offsets[names_++];
        if (value.find(child->string)) return corrupt("a member name that the object already has", name_at);
        auto member = read(*child);
        if (!member) return member;
        value.members.emplace_back(child->string, std::move(*member));
      }
    }
    return value;
  }

 private:
  static Value number(std::string_view lexeme) {
    std::int64_t integer = 0;
    const char *end = lexeme.data() + lexeme.size();
    const auto [stop, error] = std::from_chars(lexeme.data(), end, integer);
    if (error == std::errc() && stop == end) return Value::of(integer);
    Value value;
    value.kind = Kind::number;
    value.text = std::string(lexeme);
    return value;
  }

  const Outline &outline_;
  std::size_t numbers_ = 0;
  std::size_t names_ = 0;
};

void write_escaped(std::string &out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[c & 0xF];
  }
}

constexpr auto needs_escape = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < 0x20; ++c) out[c] = true;
  out['"'] = out['\\'] = out[0x7f] = true;
  return out;
}();

void write_string(std::string &out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // from here on nothing needs an escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape[static_cast<unsigned char>(text[i])]) continue;
    out.append(text, plain, i - plain);
    write_escaped(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

// indent < 0: one line.
void write_value(std::string &out, const Value &value, int indent) {
  const bool pretty = indent >= 0;
  const auto new_line = [&](int level) {
    if (pretty) out.append("\n").append(static_cast<std::size_t>(level) * 2, ' ');
  };
  const int inner = pretty ? indent + 1 : indent;
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
    new_line(inner);
  };
  switch (value.kind) {
    case Kind::null: out += "null"; break;
    case Kind::boolean: out += value.boolean ? "true" : "false"; break;
    case Kind::integer: out += std::to_string(value.integer); break;
    case Kind::number: out += value.text; break;
    case Kind::string: write_string(out, value.text); break;
    case Kind::array:
      out += '[';
      for (const Value &item : value.items) {
        separate();
        write_value(out, item, inner);
      }
      if (!first) new_line(indent);
      out += ']';
      break;
    case Kind::object:
      out += '{';
      for (const auto &[name, member] : value.members) {
        separate();
        write_string(out, name);
        out += pretty ? ": " : ":";
        write_value(out, member, inner);
      }
      if (!first) new_line(indent);
      out += '}';
      break;
  }
}

}  // namespace

Value::Value() = default;
Value::Value(const Value &) = default;
Value::Value(Value &&) noexcept = default;
Value &Value::operator=(const Value &) = default;
Value &Value::operator=(Value &&) noexcept = default;
Value::~Value() = default;

const Value *Value::find(std::string_view name) const {
  for (const auto &[key, value] : members)
    if (key == name) return &value;
  return nullptr;
}

Value Value::of(std::string text) {
  Value value;
  value.kind = Kind::string;
  value.text = std::move(text);
  return value;
}

Value Value::of(const char *text) { return of(std::string(text)); }

Value Value::of(std::int64_t number) {
  Value value;
  value.kind = Kind::integer;
  value.integer = number;
  return value;
}

Value Value::of(int number) { return of(static_cast<std::int64_t>(number)); }

Value Value::of(bool truth) {
  Value value;
  value.kind = Kind::boolean;
  value.boolean = truth;
  return value;
}

Value Value::object() {
  Value value;
  value.kind = Kind::object;
  return value;
}

Value Value::array() {
  Value value;
  value.kind = Kind::array;
  return value;
}

Value &Value::add(std::string name, Value value) {
  members.emplace_back(std::move(name), std::move(value));
  return *this;
}

Result<Value> parse(std::string_view text, std::size_t longest_string) {
  const auto outline = check(text, longest_string);
  if (!outline) return outline.error();
  const Tree tree(cJSON_ParseWithLength(text.data(), text.size()));
  if (!tree) throw std::bad_alloc();  // the check accepts nothing that cJSON's grammar refuses
  return Reader(*outline).read(*tree);
}

void ObjectWriter::name(std::string_view name) {
  if (out_.back() != '{') out_ += ',';
  write_string(out_, name);
  out_ += ':';
}

void ObjectWriter::digits(std::int64_t number) {
  char text[20];
  out_.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

ObjectWriter &ObjectWriter::string(std::string_view name, std::string_view text) {
  this->name(name);
  write_string(out_, text);
  return *this;
}

ObjectWriter &ObjectWriter::integer(std::string_view name, std::int64_t number) {
  this->name(name);
  digits(number);
  return *this;
}

ObjectWriter &ObjectWriter::decimal(std::string_view name, std::int64_t number) {
  this->name(name);
  out_ += '"';
  digits(number);
  out_ += '"';
  return *this;
}

ObjectWriter &ObjectWriter::boolean(std::string_view name, bool truth) {
  this->name(name);
  out_ += truth ? "true" : "false";
  return *this;
}

ObjectWriter &ObjectWriter::begin(std::string_view name) {
  this->name(name);
  out_ += '{';
  return *this;
}

ObjectWriter &ObjectWriter::end() {
  out_ += '}';
  return *this;
}

std::string ObjectWriter::take() {
  out_ += '}';
  return std::move(out_);
}

std::string write(const Value &value) {
  std::string out;
  write_value(out, value, -1);
  return out;
}

std::string write_pretty(const Value &value) {
  std::string out;
  write_value(out, value, 0);
  return out;
}

}  // namespace vfslock::impl::json
