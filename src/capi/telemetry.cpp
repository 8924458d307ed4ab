#include "capi/telemetry.hpp"

#include "base/fork.hpp"
#include "capi/handles.hpp"
#include "capi/objects.hpp"
#include "runtime/frame.hpp"

namespace vfslock::impl {
namespace {

constexpr std::size_t longest_row = 4096;  // a handler that blocks costs memory up to here, then news

const char *to_text(Severity severity) {
  switch (severity) {
    case Severity::debug: return "debug";
    case Severity::info: return "info";
    case Severity::warning: return "warning";
  }
  return "";
}

}  // namespace

Telemetry::Telemetry(UserHandler on_log, UserHandler on_metric)
    : on_log_(std::move(on_log)),
      on_metric_(std::move(on_metric)),
      generation_(fork_generation()),
      pool_(std::make_shared<Pool>("vfslock-log", 1, 1)) {}

Telemetry::~Telemetry() {
  if (generation_ == fork_generation()) pool_->close();
  else abandon(pool_);
}

void Telemetry::drop() noexcept {
  if (generation_ != fork_generation()) return;
  const std::lock_guard locked(mutex_);
  ++dropped_;
}

void Telemetry::note(Happening happening) {
  if (generation_ != fork_generation()) return;  // the parent's handlers, and no thread of theirs is here
  const std::lock_guard locked(mutex_);
  if (closed_) return;
  if (row_.size() < longest_row) row_.push_back(std::move(happening));
  else ++dropped_;
  if (telling_) return;
  pool_->post(shared_from_this());
  pool_->nudge();  // should there have been no thread to be had before
}

void Telemetry::run() noexcept {
  std::unique_lock locked(mutex_);
  if (telling_) return;
  telling_ = true;
  while (!row_.empty()) {
    const Happening next = std::move(row_.front());
    row_.pop_front();
    const std::int64_t dropped = std::exchange(dropped_, 0);
    locked.unlock();
    hand_over(next, dropped);
    locked.lock();
  }
  telling_ = false;
  changed_.notify_all();
}

void Telemetry::hand_over(const Happening &happening, std::int64_t dropped) const noexcept {
  const auto status = static_cast<std::int32_t>(happening.status);
  vfslock_event event{"log", happening.uri.c_str()};
  event.numbers[0] = {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(happening.took).count()};
  event.numbers[1] = {"status", status};
  event.numbers[2] = {"dropped", dropped};
  event.texts[0] = {"operation", happening.operation.c_str()};
  event.texts[1] = {"outcome", status_name(status)};
  const HandlerFrame frame(nullptr);
  if (on_metric_) {
    event.kind = "metric";
    on_metric_(event);
  }
  if (on_log_) {
    event.kind = "log";
    event.texts[2] = {"level", to_text(happening.severity)};
    event.texts[3] = {"message", happening.message.c_str()};
    on_log_(event);
  }
}

void Telemetry::close() noexcept {
  if (generation_ != fork_generation()) return;
  std::unique_lock locked(mutex_);
  const bool inside = HandlerFrame::deciding();  // called by a handler, which cannot wait for itself
  if (!inside) changed_.wait_for(locked, std::chrono::seconds(1), [this] { return row_.empty() && !telling_; });
  closed_ = true;
  row_.clear();
}

}  // namespace vfslock::impl
