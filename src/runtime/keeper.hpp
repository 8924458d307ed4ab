#pragma once
// One for each client: knows when something is due for its locks, has workers do it, and notices the end of a lease
// even while all workers are stuck in a storage. Its one thread does no I/O.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "base/time.hpp"
#include "runtime/pool.hpp"
#include "runtime/thread.hpp"

namespace vfslock::impl {

class Lock;

class Keeper final : public Runnable, public std::enable_shared_from_this<Keeper> {
 public:
  Keeper();
  ~Keeper() override;

  // From now on this lock is looked after. False when there is no thread for it: then it is not.
  [[nodiscard]] bool watch(std::shared_ptr<Lock> lock, BootTime due);
  // When its next step is due, for a lock that is watched; it is not being tended now.
  void schedule(Lock &lock, BootTime due) noexcept;
  void hurry(Lock &lock) noexcept;  // its next step is due now, unless it is being tended
  void forget(Lock &lock) noexcept;
  // No more locks will come: the thread does not outlive the last one.
  void retire() noexcept;

  Pool &events() { return *events_; }
  Pool &workers() { return *workers_; }

  void run_thread() noexcept override;

  // A lock's place in the order of time; kept by the lock. Locks that are tended wait for the end of their lease.
  struct Entry {
    BootTime due;
    Lock *lock;
    std::shared_ptr<Lock> owner = {};
    bool operator<(const Entry &other) const { return due != other.due ? due < other.due : lock < other.lock; }
  };
  using Entries = std::set<Entry>;
  struct Place {
    Entries::iterator at{};
    bool watched = false;
    bool tended = false;
  };

 private:
  bool runs(BootTime due) noexcept;
  void move(Place &place, BootTime due) noexcept;
  std::shared_ptr<Lock> next_step(BootTime now) noexcept;

  std::mutex mutex_;
  std::condition_variable changed_;
  Entries entries_;
  BootTime wake_ = never;  // when the thread looks again by itself
  bool running_ = false;
  bool retired_ = false;
  const std::shared_ptr<Pool> workers_;  // renew
  const std::shared_ptr<Pool> events_;   // call handlers
};

}  // namespace vfslock::impl
