#include "lock/journal.hpp"

namespace vfslock::impl {

void Journal::add(std::string_view write_id, BootTime sent, Duration lease, bool released) {
  constexpr std::size_t kept = 8;  // R6
  if (writes_.size() == kept) writes_.erase(writes_.begin());
  Issued &write = writes_.emplace_back(Issued{{}, sent, lease, released});
  write_id.copy(write.write_id.data(), write.write_id.size());
}

const Issued *Journal::find(std::string_view write_id) const {
  for (const Issued &write : writes_)
    if (std::string_view(write.write_id.data(), write.write_id.size()) == write_id) return &write;
  return nullptr;
}

ReadBack read_back(const Look &look, const Journal &journal, const Version *expected) {
  if (!look) return {Found::absent};
  if (expected && look->version == *expected) return {Found::expected};
  // A record of this tenure has its id in it as it was written: no need to parse the others.
  if (look->bytes.find(journal.lock_id()) == std::string::npos) return {Found::other};
  auto decoded = decode(look->bytes);
  auto *record = std::get_if<Record>(&decoded);
  if (!record || record->lock_id != journal.lock_id()) return {Found::other};
  const Issued *write = journal.find(record->write_id);
  return {write ? Found::mine : Found::clone, write, share(std::move(*record))};
}

}  // namespace vfslock::impl
