#include "board.hpp"

#include <sys/mman.h>

#include <new>
#include <system_error>

namespace contention {

namespace {
std::size_t rounded(std::size_t size) { return (size + 63) / 64 * 64; }
}  // namespace

Shared::Shared(std::uint32_t slots, std::uint32_t capacity) {
  const std::size_t slots_at = rounded(sizeof(Board));
  const std::size_t holds_at = slots_at + rounded(slots * sizeof(Slot));
  size_ = holds_at + std::size_t{slots} * capacity * sizeof(Hold);
  memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  char *at = static_cast<char *>(memory_);
  board_ = new (at) Board{};
  slots_ = reinterpret_cast<Slot *>(at + slots_at);
  for (std::uint32_t i = 0; i < slots; ++i) new (slots_ + i) Slot{};
  holds_ = reinterpret_cast<Hold *>(at + holds_at);  // each made by its contender: unused pages are never touched
  board_->slots = slots;
  board_->capacity = capacity;
}

Shared::~Shared() { munmap(memory_, size_); }

Hold *Shared::find(std::uint64_t id) {
  const std::uint64_t slot = (id >> 32) - 1, index = (id & 0xffffffffU) - 1;
  if (slot >= board_->slots || index >= slots_[slot].holds.load(std::memory_order_relaxed)) return nullptr;
  return &hold(static_cast<std::uint32_t>(slot), static_cast<std::uint32_t>(index));
}

}  // namespace contention
