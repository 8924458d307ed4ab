#include "runtime/keeper.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "runtime/lock.hpp"

namespace vfslock::impl {
namespace {

// Kernel timers stop while the machine sleeps, boot time does not (RELIABILITY §3).
constexpr Duration longest_sleep = std::chrono::seconds(1);
constexpr Duration linger = std::chrono::seconds(2);  // the thread's life after the last lock
// Of many locks some are due at any moment: what comes within this time is done at one waking.
constexpr Duration pace = std::chrono::milliseconds(25);

constexpr int eager_workers = 2, most_workers = 32;
constexpr int eager_handlers = 4, most_handlers = 32'000;  // each may block as long as it likes

}  // namespace

Keeper::Keeper()
    : workers_(std::make_shared<Pool>("vfslock-renew", eager_workers, most_workers)),
      events_(std::make_shared<Pool>("vfslock-event", eager_handlers, most_handlers)) {}

Keeper::~Keeper() {
  workers_->close();
  events_->close();
}

// Whether somebody looks when this time comes.
bool Keeper::runs(BootTime due) noexcept {
  if (due == never) return true;
  if (!running_) running_ = start_thread("vfslock-keeper", shared_from_this());
  else if (due < wake_) changed_.notify_one();
  return running_;
}

bool Keeper::watch(std::shared_ptr<Lock> lock, BootTime due) {
  const std::lock_guard locked(mutex_);
  if (!runs(due)) return false;
  Place &place = lock->place();
  place.at = entries_.insert(Entry{due, lock.get(), lock}).first;
  place.watched = true;
  return true;
}

// The same node at another place: no memory is needed, so nothing can fail.
void Keeper::move(Place &place, BootTime due) noexcept {
  auto node = entries_.extract(place.at);
  node.value().due = due;
  place.at = entries_.insert(std::move(node)).position;
}

void Keeper::schedule(Lock &lock, BootTime due) noexcept {
  const std::lock_guard locked(mutex_);
  Place &place = lock.place();
  place.tended = false;
  if (!place.watched) return;
  move(place, due);
  (void)runs(due);
}

void Keeper::hurry(Lock &lock) noexcept {
  const std::lock_guard locked(mutex_);
  Place &place = lock.place();
  if (!place.watched || place.tended) return;
  move(place, BootTime{});
  (void)runs(BootTime{});
}

void Keeper::forget(Lock &lock) noexcept {
  std::shared_ptr<Lock> owner;  // perhaps the last one: not under the mutex
  const std::lock_guard locked(mutex_);
  Place &place = lock.place();
  if (!place.watched) return;
  place.watched = false;
  owner = entries_.extract(place.at).value().owner;
}

void Keeper::retire() noexcept {
  const std::lock_guard locked(mutex_);
  retired_ = true;
  changed_.notify_one();
}

// Takes the first lock out of the row whose time has come: hands it to a worker, or returns it because its time is over.
std::shared_ptr<Lock> Keeper::next_step(BootTime now) noexcept {
  while (!entries_.empty() && entries_.begin()->due <= now) {
    const Entry &entry = *entries_.begin();
    Place &place = entry.lock->place();
    const BootTime deadline = entry.lock->deadline();
    if (deadline <= now) {
      place.watched = false;
      return entries_.extract(place.at).value().owner;
    }
    if (!place.tended) {
      place.tended = true;
      workers_->post(Lock::tending(entry.owner));
    }
    move(place, deadline);  // F18: a worker that is stuck must not hide the end of the lease
  }
  return nullptr;
}

void Keeper::run_thread() noexcept {
  const auto idle = [this] { return entries_.empty() || entries_.begin()->due == never; };
  std::unique_lock locked(mutex_);
  while (running_) {
    const BootTime now = boot_now();
    if (auto over = next_step(now)) {
      locked.unlock();
      over->end();
      over.reset();
      locked.lock();
      continue;
    }
    workers_->nudge();
    events_->nudge();
    if (idle()) {
      wake_ = never;
      running_ = !retired_ && (changed_.wait_for(locked, linger) == std::cv_status::no_timeout || !idle());
    } else {
      wake_ = std::min(std::max(entries_.begin()->due, now + pace), now + longest_sleep);
      changed_.wait_for(locked, wake_ - now);
    }
    wake_ = BootTime{};
  }
}

}  // namespace vfslock::impl
