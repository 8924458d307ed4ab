#include "lock/journal.hpp"

namespace vfslock::impl {

const Issued &Journal::add(Issued write) {
  constexpr std::size_t kept = 8;  // R6
  if (writes_.size() == kept) writes_.erase(writes_.begin());
  return writes_.emplace_back(std::move(write));
}

const Issued *Journal::find(const std::string &write_id) const {
  for (const Issued &write : writes_)
    if (write.write_id == write_id) return &write;
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
