#pragma once
// Threads that come when there is work and go when there is none. While jobs run, one more thread watches, so that a
// job that blocks holds up no other.
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/time.hpp"
#include "runtime/thread.hpp"

namespace vfslock::impl {

// A job is a part of what it works on: posting one needs no memory and cannot fail.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() noexcept = 0;

 private:
  friend class Pool;
  std::shared_ptr<Job> self_;  // while it waits in a queue
  Job *next_ = nullptr;
  BootTime posted_{};
};

class Pool final : public Runnable, public std::enable_shared_from_this<Pool> {
 public:
  // Up to `eager` threads start at once; further ones only when a job has waited for a moment, up to `most`.
  Pool(const char *thread_name, int eager, int most) : name_(thread_name), eager_(eager), most_(most) {}

  void post(std::shared_ptr<Job> job) noexcept;  // one that waits already waits on
  void nudge() noexcept;  // starts a thread that could not be started before
  void close() noexcept;  // threads end when the jobs are done

  void run_thread() noexcept override;

 private:
  void start() noexcept;
  std::shared_ptr<Job> pop() noexcept;

  const char *const name_;
  const int eager_;
  const int most_;
  std::mutex mutex_;
  std::condition_variable news_;
  Job *first_ = nullptr;
  Job *last_ = nullptr;
  int threads_ = 0;
  int watching_ = 0;  // waiting for news, or on their way to it
  bool closed_ = false;
};

}  // namespace vfslock::impl
