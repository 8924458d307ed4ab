#include "runtime/pool.hpp"

#include "base/clock.hpp"

namespace vfslock::impl {
namespace {

constexpr Duration linger = std::chrono::seconds(2);          // an idle thread's life
constexpr Duration patience = std::chrono::milliseconds(10);  // a job's wait before more than a few threads start

}  // namespace

void Pool::post(std::shared_ptr<Job> job) noexcept {
  const std::lock_guard locked(mutex_);
  Job *added = job.get();
  if (added->self_) return;
  added->self_ = std::move(job);
  added->next_ = nullptr;
  added->posted_ = boot_now();
  (last_ ? last_->next_ : first_) = added;
  last_ = added;
  if (watching_ > 0) news_.notify_one();
  else start();
}

void Pool::nudge() noexcept {
  const std::lock_guard locked(mutex_);
  if (first_ && watching_ == 0) start();
}

void Pool::close() noexcept {
  const std::lock_guard locked(mutex_);
  closed_ = true;
  news_.notify_all();
}

void Pool::start() noexcept {
  if (threads_ == most_ || !start_thread(name_, shared_from_this())) return;
  ++threads_;
  ++watching_;
}

std::shared_ptr<Job> Pool::pop() noexcept {
  Job *job = first_;
  first_ = job->next_;
  if (!first_) last_ = nullptr;
  return std::move(job->self_);
}

void Pool::run_thread() noexcept {
  std::unique_lock locked(mutex_);
  const auto watch = [&](Duration time) {
    ++watching_;
    const bool timed_out = news_.wait_for(locked, time) == std::cv_status::timeout;
    --watching_;
    return timed_out;
  };
  --watching_;
  for (;;) {
    if (first_) {
      if (watching_ == 0) {
        // The others are at work, perhaps blocked. Unless one of them comes back soon, another thread must watch.
        const Duration waited = boot_now() - first_->posted_;
        if (threads_ > eager_ && threads_ < most_ && waited < patience) {
          watch(patience - waited);
          continue;
        }
        start();
      }
      std::shared_ptr<Job> job = pop();
      locked.unlock();
      job->run();
      job.reset();  // perhaps the last owner of much: not under the mutex
      locked.lock();
      continue;
    }
    if (closed_) break;
    if (watch(linger) && !first_) break;
  }
  --threads_;
}

}  // namespace vfslock::impl
