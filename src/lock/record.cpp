#include "lock/record.hpp"

#include <charconv>

#include "base/json.hpp"
#include "base/rfc3339.hpp"

namespace vfslock::impl {
namespace {

using json::Value;
using Kind = Value::Kind;

constexpr std::int64_t our_version = 1;

// Thrown and caught in this file only: the first field that is not what it must be.
struct Bad {
  std::string why;
};

const Value *field(const Value &object, const char *name, Kind kind, const char *form) {
  const Value *value = object.find(name);
  if (!value || value->kind == Kind::null) return nullptr;
  if (value->kind != kind) throw Bad{std::string("its field ") + name + " is not " + form};
  return value;
}

std::string text(const Value &object, const char *name) {
  const Value *value = field(object, name, Kind::string, "a string");
  return value ? value->text : std::string();
}

std::int64_t integer(const Value &object, const char *name) {
  const Value *value = field(object, name, Kind::integer, "an integer of 64 bits");
  return value ? value->integer : 0;
}

// R18: 64-bit numbers of ours are decimal strings, since doubles break above 2^53.
std::int64_t decimal(const Value &object, const char *name) {
  const Value *value = field(object, name, Kind::string, "a decimal string");
  if (!value) return 0;
  std::int64_t number = 0;
  const char *end = value->text.data() + value->text.size();
  auto [stop, error] = std::from_chars(value->text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0)
    throw Bad{std::string("its field ") + name + " is not a decimal string from 0 to 2^63-1"};
  return number;
}

bool flag(const Value &object, const char *name) {
  const Value *value = field(object, name, Kind::boolean, "true or false");
  return value && value->boolean;
}

std::optional<WallTime> instant(const Value &object, const char *name) {
  const Value *value = field(object, name, Kind::string, "an RFC 3339 time");
  if (!value) return std::nullopt;
  auto parsed = parse_rfc3339(value->text);
  if (!parsed) throw Bad{std::string("its field ") + name + " is not an RFC 3339 time"};
  return parsed;
}

bool is_id(const std::string &id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The fields that make a record ours; a record without lockId has none of them.
void read_ours(const Value &object, Record &out) {
  out.write_id = text(object, "writeId");
  if (!is_id(out.lock_id) || !is_id(out.write_id)) throw Bad{"its lockId or writeId is not 32 lower-case hex digits"};
  out.seq = static_cast<std::uint64_t>(decimal(object, "seq"));
  if (out.seq >= static_cast<std::uint64_t>(max_token)) throw Bad{"its seq is 2^62 or above"};
  const std::string state = text(object, "state");
  if (state != "held" && state != "released") throw Bad{"its state is neither held nor released"};
  out.released = state == "released";
  out.token = decimal(object, "token");
  if (out.token >= max_token) throw Bad{"its token is 2^62 or above"};  // the next one must be readable too
  out.keep = flag(object, "keep");
  out.detached = flag(object, "detached");
  out.lease = Duration(decimal(object, "lease"));
  out.renewed = instant(object, "renewedAt");
  out.boot_id = text(object, "bootId");
  if (const Value *attributes = field(object, "attributes", Kind::object, "an object"))
    for (const auto &[name, value] : attributes->members) {
      if (value.kind != Kind::string) throw Bad{"its attribute " + name + " is not a string"};
      out.attributes.emplace_back(name, value.text);
    }
}

Record read(const Value &object) {
  Record out;
  // Missing or null fields of the Go package's format are its zero values (INTEROP §3).
  out.created = instant(object, "createdAt").value_or(WallTime::min());
  out.ttl = Duration(integer(object, "ttl"));
  out.host = text(object, "hostname");
  out.pid = integer(object, "pid");
  out.owner = text(object, "ownerId");
  out.lock_id = text(object, "lockId");
  if (!out.foreign()) read_ours(object, out);
  return out;
}

}  // namespace

std::string encode(const Record &record) {
  json::ObjectWriter out;
  out.string("createdAt", format_rfc3339(record.created));
  out.integer("ttl", record.ttl.count());
  out.string("hostname", record.host);
  out.integer("pid", record.pid);
  if (!record.owner.empty()) out.string("ownerId", record.owner);
  out.integer("version", our_version);
  out.string("lockId", record.lock_id);
  out.string("writeId", record.write_id);
  out.decimal("seq", static_cast<std::int64_t>(record.seq));
  out.string("state", record.released ? "released" : "held");
  out.decimal("token", record.token);
  if (record.keep) out.boolean("keep", true);
  if (record.detached) out.boolean("detached", true);
  out.decimal("lease", record.lease.count());
  if (record.renewed) out.string("renewedAt", format_rfc3339(*record.renewed));
  if (!record.boot_id.empty()) out.string("bootId", record.boot_id);
  if (!record.attributes.empty()) {
    out.begin("attributes");
    for (const auto &[name, value] : record.attributes) out.string(name, value);
    out.end();
  }
  return out.take();
}

std::string with_token(std::string encoded, std::int64_t token) {
  // No string can hold this, since its quotes would be escaped; and attributes come later.
  constexpr std::string_view none = "\"token\":\"0\"";
  const std::size_t at = encoded.find(none);
  return encoded.replace(at + none.size() - 2, 1, std::to_string(token));
}

std::size_t longest_encoding(const Record &record) {
  constexpr std::size_t names_and_numbers = 600, escaped = 6;
  std::size_t text = record.host.size() + record.owner.size() + record.boot_id.size();
  for (const auto &[name, value] : record.attributes) text += name.size() + value.size() + 1;
  return names_and_numbers + escaped * text;
}

std::variant<Record, Unreadable> decode(std::string_view bytes) {
  if (bytes.empty())
    return Unreadable{"the record is empty: a mark of another program, or a writer that was interrupted"};
  auto parsed = json::parse(bytes);
  if (!parsed) return Unreadable{"the record cannot be parsed: " + parsed.error().message};
  if (parsed->kind != Kind::object) return Unreadable{"the record is not a JSON object"};
  const Value *version = parsed->find("version");
  if (version && version->kind == Kind::integer && version->integer > our_version)
    return Unreadable{"its record has version " + std::to_string(version->integer), true};  // R12: honour, never judge
  try {
    return read(*parsed);
  } catch (const Bad &bad) {
    return Unreadable{"the record is damaged: " + bad.why};
  }
}

Record released_form(Record last) {
  last.released = true;
  last.created = WallTime{};
  last.ttl = Duration(1);
  return last;
}

}  // namespace vfslock::impl
