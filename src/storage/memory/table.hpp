#pragma once
// The objects of one memory and who waits for them. Everything here is called under mutex().
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/file.hpp"
#include "seam/store.hpp"

namespace vfslock::impl::memory {

// One for all memories, so that fork has one to take. Never destroyed: tenures may outlive static objects.
std::mutex &mutex();
using Locked = std::lock_guard<std::mutex>;

class Hint;

struct Entry {
  std::string bytes;
  Version version;
  WallTime last_modified;
  std::uint64_t holder = 0;  // whose proof of life stands on it; 0: nobody lives
};

struct Table : std::enable_shared_from_this<Table> {
  explicit Table(std::string name);
  ~Table();

  Entry *find(const std::string &key);
  void store(const std::string &key, Entry entry);  // all or nothing, whatever throws
  void erase(const std::string &key);
  void end_life(const std::string &key, std::uint64_t holder);
  void notify(const std::string &key) noexcept;

  // The store's time in µs. No two writes see the same one, so that it orders every two grants (RELIABILITY §6),
  // even if the wall clock steps back.
  std::int64_t tick(WallTime wall);

  const std::string name;
  std::unordered_map<std::string, Entry> entries;
  std::unordered_multimap<std::string, Hint *> hints;

 private:
  std::int64_t last_tick_ = 0;
  std::uint64_t generation_;
  void begin_afresh_after_fork();
};

std::uint64_t next_number();  // versions and holders: never the same twice in this process

// Proof of life: stands while the object lives.
class MemoryTenure final : public Tenure {
 public:
  MemoryTenure(std::shared_ptr<Table> table, std::string key);
  ~MemoryTenure() override;  // takes the mutex

  const std::uint64_t holder;
  bool proves(const Table &table, const Entry &entry) const {
    return &table == table_.get() && entry.holder == holder;
  }

 private:
  const std::shared_ptr<Table> table_;
  const std::string key_;
};

// An eventfd that each change of its key makes readable.
class Hint final : public Wakeup {
 public:
  Hint(std::shared_ptr<Table> table, std::string key);  // takes no mutex; see add()
  ~Hint() override;                                     // takes the mutex

  void add();  // from now on it hears of changes
  bool works() const { return is_still(event_, id_); }
  bool watches(const Table &table, const std::string &key) const { return &table == table_.get() && key == key_; }

  std::size_t descriptors(int (&fds)[2]) override;
  void drain() override;
  std::optional<Duration> look_again() override { return std::nullopt; }

  void notify() noexcept;
  void close_in_child() noexcept;

 private:
  const std::shared_ptr<Table> table_;
  const std::string key_;
  int event_;
  const FileId id_;
};

}  // namespace vfslock::impl::memory
