#pragma once
// Locks in a memory whose requests can be disturbed, kept by real threads on real time.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/ambient.hpp"
#include "runtime/engine.hpp"
#include "storage/memory/memory.hpp"

namespace vfslock::impl {

using namespace std::chrono_literals;
using Operation = MemoryRequest::Operation;

constexpr Duration generous = 60s;  // until a condition that must come true has not come true

// What a listener was told, in order.
class Heard final : public Listener {
 public:
  struct News {
    std::string kind;
    Error error;
    Loss reason = Loss::none;
    Duration left{};
  };

  bool listens() const noexcept override { return true; }
  void held(std::shared_ptr<Lock>) override {}
  void at_risk(Error cause, Duration left) noexcept override { add({"at_risk", std::move(cause), Loss::none, left}); }
  void lost(Error error, Loss reason) noexcept override { add({"lost", std::move(error), reason, {}}); }

  // Runs inside each call, without the mutex.
  std::function<void(const News &)> meanwhile;

  std::vector<News> wait_for(std::size_t count) {
    std::unique_lock locked(mutex_);
    CHECK(changed_.wait_for(locked, generous, [&] { return news_.size() >= count; }));
    return news_;
  }
  std::vector<News> so_far() {
    const std::lock_guard locked(mutex_);
    return news_;
  }

 private:
  void add(News news) {
    if (meanwhile) meanwhile(news);
    const std::lock_guard locked(mutex_);
    news_.push_back(std::move(news));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<News> news_;
};

// A listener that is not there: nobody needs to be told.
class Deaf final : public Listener {
 public:
  bool listens() const noexcept override { return false; }
  void held(std::shared_ptr<Lock>) override {}
  void at_risk(Error, Duration) noexcept override {}
  void lost(Error, Loss) noexcept override {}
};

// A door that requests wait at: closed, they are held up until it opens or their call is cancelled.
class Door {
 public:
  void close() {
    const std::lock_guard locked(mutex_);
    open_ = false;
  }
  void open() {
    const std::lock_guard locked(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // True if the call was cancelled meanwhile.
  bool pass(const Call *call) {
    std::unique_lock locked(mutex_);
    ++waiting_;
    changed_.notify_all();
    while (!open_ && !(call && call->cancel && call->cancel->is_triggered())) changed_.wait_for(locked, 5ms);
    --waiting_;
    return !open_;
  }
  void wait_until_somebody_waits() {
    std::unique_lock locked(mutex_);
    CHECK(changed_.wait_for(locked, generous, [&] { return waiting_ > 0; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
};

struct Bench {
  std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();
  Engine engine;
  Heard heard;

  Options options(Duration lease, bool renewal = true) {
    Options out;
    out.lease = lease;
    out.renewal = renewal;
    return out;
  }

  Result<std::shared_ptr<Lock>> try_acquire(const Options &wish, Listener &listener, const std::string &key = "k") {
    Handlers yes;
    for (;;) {
      auto lock = acquire(engine, target_of(store, key), wish, yes, listener, {});
      // A short lease may be over before the grant arrives: then once more.
      if (lock || lock.error().status != Status::LOST) return lock;
    }
  }
  std::shared_ptr<Lock> must_acquire(Duration lease, bool renewal = true) {
    auto lock = try_acquire(options(lease, renewal), heard);
    if (!lock) FAIL(lock.error().message);
    return *lock;
  }

  // What happens to each request of one kind before it is applied.
  void before(Operation operation, std::function<MemoryFault(const MemoryRequest &)> what) {
    store->inject({[=](const MemoryRequest &request) -> MemoryFault {
                     return request.operation == operation ? what(request) : MemoryFault{};
                   },
                   nullptr});
  }
};

// Ends a lock as its owner would.
struct Ended {
  std::shared_ptr<Lock> lock;
  ~Ended() {
    lock->mute();
    lock->drop();
    lock->after_handlers([] {});
  }
};

template <class Condition>
bool eventually(Condition condition) {
  RealClock clock;
  const BootTime until = clock.now() + generous;
  while (!condition()) {
    if (clock.now() > until) return false;
    clock.sleep(clock.now() + 1ms, nullptr, nullptr);
  }
  return true;
}

}  // namespace vfslock::impl
