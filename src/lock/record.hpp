#pragma once
// The lock record: what stands in <uri>.lock (DESIGN §3), and how it reads and is read by the Go package's format.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"

namespace vfslock::impl {

struct Record {
  // Every program's fields. Host, PID and owner are information for people, never a proof (R1, R22).
  WallTime created{};
  Duration ttl{};  // from `created` to the current expiry; 0 = never
  std::string host;
  std::int64_t pid = 0;
  std::string owner;

  // Ours. An empty lock_id means that another program wrote the record.
  std::string lock_id;     // R1: the tenure, 128 bits from the kernel
  std::string write_id;    // R2: fresh for every write
  std::uint64_t seq = 0;
  bool released = false;
  std::int64_t token = 0;  // 0 = none
  bool keep = false;
  bool detached = false;
  Duration lease{};
  std::optional<WallTime> renewed = {};
  std::string boot_id;
  std::vector<std::pair<std::string, std::string>> attributes = {};

  bool foreign() const { return lock_id.empty(); }
};

inline std::shared_ptr<const Record> share(Record record) { return std::make_shared<const Record>(std::move(record)); }

// A tenure that whoever knows its lockId may go on with.
inline bool resumable(const Record &record) { return record.detached && !record.released; }

constexpr std::int64_t max_token = std::int64_t{1} << 62;  // RELIABILITY §6: from here on a record is corrupt

std::string encode(const Record &record);
// The same record with a token, from what encode() made of it without one.
std::string with_token(std::string encoded, std::int64_t token);
// No encoding of this record is longer.
std::size_t longest_encoding(const Record &record);

// R12: held by unknown. `newer`: written by a later major version of this format.
struct Unreadable {
  std::string why;
  bool newer = false;
};
std::variant<Record, Unreadable> decode(std::string_view bytes);

// The record that says "free" to us, and "expired long ago" to the Go package (INTEROP §4.2).
Record released_form(Record last);

}  // namespace vfslock::impl
