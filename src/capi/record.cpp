#include <algorithm>

#include "base/clock.hpp"
#include "capi/arguments.hpp"
#include "capi/objects.hpp"

namespace vfslock::impl {

std::int64_t whole_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::int64_t left_ms(Duration left) { return left == Duration::max() ? -1 : whole_ms(left); }

std::optional<vfslock_record> record_of(const std::string &bytes) {
  if (bytes.empty()) return std::nullopt;
  auto decoded = decode(bytes);
  auto *record = std::get_if<Record>(&decoded);
  if (!record) return std::nullopt;
  // Records that are rewritten in place are padded.
  return vfslock_record{std::move(*record), bytes.substr(0, bytes.find_last_not_of(" \t\r\n") + 1)};
}

}  // namespace vfslock::impl

using namespace vfslock::impl;

const char *vfslock_record_host(const vfslock_record *record) { return record ? record->record.host.c_str() : nullptr; }
const char *vfslock_record_owner_id(const vfslock_record *record) { return record ? record->record.owner.c_str() : nullptr; }
const char *vfslock_record_lock_id(const vfslock_record *record) { return record ? record->record.lock_id.c_str() : nullptr; }
const char *vfslock_record_json(const vfslock_record *record) { return record ? record->json.c_str() : nullptr; }
std::int64_t vfslock_record_pid(const vfslock_record *record) { return record ? record->record.pid : 0; }
std::int64_t vfslock_record_token(const vfslock_record *record) { return record ? record->record.token : 0; }

std::int64_t vfslock_record_created_unix_ms(const vfslock_record *record) {
  return record ? whole_ms(record->record.created.time_since_epoch()) : 0;
}

std::int64_t vfslock_record_expires_unix_ms(const vfslock_record *record) {
  if (!record) return 0;
  if (record->record.ttl == Duration::zero()) return -1;
  return whole_ms(saturating_add(record->record.created, record->record.ttl).time_since_epoch());
}

std::int64_t vfslock_record_age_ms(const vfslock_record *record) {
  if (!record) return 0;
  return whole_ms(std::max(Duration::zero(), wall_now() - std::max(record->record.created, WallTime{})));
}

const char *vfslock_record_attribute(const vfslock_record *record, const char *name) {
  if (!record || !name) return nullptr;
  for (const auto &[key, value] : record->record.attributes)
    if (key == name) return value.c_str();
  return nullptr;
}

std::int32_t vfslock_record_attribute_count(const vfslock_record *record) {
  return record ? static_cast<std::int32_t>(record->record.attributes.size()) : 0;
}

const char *vfslock_record_attribute_name(const vfslock_record *record, std::int32_t index) {
  if (index < 0 || index >= vfslock_record_attribute_count(record)) return nullptr;
  return record->record.attributes[static_cast<std::size_t>(index)].first.c_str();
}

vfslock_status vfslock_record_dup(const vfslock_record *record, vfslock_record **ret_record, vfslock_error **ret_err) {
  return guard("record_dup", ret_err, [&](Site &) -> Result<Done> {
    vfslock_record *&out = given(ret_record, "ret_record");
    out = new vfslock_record(given(record, "record"));
    return Done{};
  });
}

void vfslock_record_free(vfslock_record *record) { delete record; }
