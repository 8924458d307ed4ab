#include "storage/memory/table.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/fork.hpp"

namespace vfslock::impl::memory {
namespace {

std::vector<Table *> &tables() {
  static auto *all = new std::vector<Table *>;
  return *all;
}

// A child gets a copy of the memory that it shares with nobody: it must find the mutex free, and close what could
// wake its parent. What the parent's holders wrote goes at the child's first look (begin_afresh_after_fork).
void prepare() noexcept { mutex().lock(); }
void parent() noexcept { mutex().unlock(); }
void child() noexcept {
  for (Table *table : tables())
    for (auto &[key, hint] : table->hints) hint->close_in_child();
  mutex().unlock();
}

}  // namespace

std::mutex &mutex() {
  static auto *one = [] {
    on_fork(prepare, parent, child);
    return new std::mutex;
  }();
  return *one;
}

// Made at load, while there is one thread.
[[maybe_unused]] static const std::mutex &made = mutex();

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Table::Table(std::string given_name) : name(std::move(given_name)), generation_(fork_generation()) {
  const Locked locked(mutex());
  tables().push_back(this);
}

Table::~Table() {
  const Locked locked(mutex());
  tables().erase(std::find(tables().begin(), tables().end(), this));
}

Entry *Table::find(const std::string &key) {
  begin_afresh_after_fork();
  const auto at = entries.find(key);
  return at == entries.end() ? nullptr : &at->second;
}

void Table::store(const std::string &key, Entry entry) {
  entries.insert_or_assign(key, std::move(entry));
  notify(key);
}

void Table::erase(const std::string &key) {
  entries.erase(key);
  notify(key);
}

void Table::end_life(const std::string &key, std::uint64_t holder) {
  Entry *entry = find(key);
  if (!entry || entry->holder != holder || holder == 0) return;
  entry->holder = 0;
  notify(key);
}

void Table::notify(const std::string &key) noexcept {
  const auto [first, last] = hints.equal_range(key);
  for (auto at = first; at != last; ++at) at->second->notify();
}

std::int64_t Table::tick(WallTime wall) {
  const auto now = std::chrono::floor<std::chrono::microseconds>(wall).time_since_epoch().count();
  return last_tick_ = std::max<std::int64_t>(now, last_tick_ + 1);
}

void Table::begin_afresh_after_fork() {
  if (generation_ == fork_generation()) return;
  generation_ = fork_generation();
  entries.clear();
  hints.clear();
}

MemoryTenure::MemoryTenure(std::shared_ptr<Table> table, std::string key)
    : holder(next_number()), table_(std::move(table)), key_(std::move(key)) {}

MemoryTenure::~MemoryTenure() {
  const Locked locked(mutex());
  table_->end_life(key_, holder);
}

Hint::Hint(std::shared_ptr<Table> table, std::string key)
    : table_(std::move(table)), key_(std::move(key)), event_(beyond_standard_streams(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))), id_(id_of(event_)) {
  if (event_ < 0 || id_ != FileId{}) return;
  close(event_);  // nobody could tell later whose it is
  event_ = -1;
}

Hint::~Hint() {
  const Locked locked(mutex());
  const auto [first, last] = table_->hints.equal_range(key_);
  const auto at = std::find_if(first, last, [this](const auto &pair) { return pair.second == this; });
  if (at != last) table_->hints.erase(at);
  close_in_child();
}

void Hint::add() {
  table_->find(key_);  // first, or a child's first look would throw the hint away again
  table_->hints.emplace(key_, this);
}

std::size_t Hint::descriptors(int (&fds)[2]) {
  if (!works()) return 0;
  fds[0] = event_;
  return 1;
}

void Hint::drain() {
  std::uint64_t news = 0;
  while (works() && read(event_, &news, sizeof news) < 0 && errno == EINTR) {
  }
}

void Hint::notify() noexcept {
  const std::uint64_t one = 1;
  if (works() && write(event_, &one, sizeof one) < 0) {
    // Full: it is readable already.
  }
}

void Hint::close_in_child() noexcept {
  if (!is_anothers(event_, id_)) close(event_);
  event_ = -1;
}

}  // namespace vfslock::impl::memory
