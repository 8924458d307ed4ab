#pragma once
// What a client tells its log and metric handlers: in order, on a thread of the library, never where it happens.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "capi/handler.hpp"
#include "runtime/pool.hpp"
#include "runtime/watched_store.hpp"

namespace vfslock::impl {

class Telemetry final : public Watcher, public Job, public std::enable_shared_from_this<Telemetry> {
 public:
  Telemetry(UserHandler on_log, UserHandler on_metric);
  ~Telemetry() override;

  void run() noexcept override;

  // No handler is called after it. Waits until what happened before was told, for at most a second.
  void close() noexcept;

 private:
  void note(Happening happening) override;
  void drop() noexcept override;
  void hand_over(const Happening &happening, std::int64_t dropped) const noexcept;

  const UserHandler on_log_, on_metric_;
  const std::uint64_t generation_;
  const std::shared_ptr<Pool> pool_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Happening> row_;
  std::int64_t dropped_ = 0;  // since the last one that was told
  bool telling_ = false;
  bool closed_ = false;
};

}  // namespace vfslock::impl
