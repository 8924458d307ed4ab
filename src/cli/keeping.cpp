#include "cli/keeping.hpp"

#include "cli/text.hpp"

namespace vfslock::cli {

void Keeping::listen(vfslock_options *options) {
  // A setter that fails spoils its options, and acquire reports it.
  vfslock_options_on_at_risk(options, [](void *self, const vfslock_event *event) -> std::int32_t {
    static_cast<Keeping *>(self)->at_risk(event);
    return 0;
  }, this, nullptr, nullptr);
  vfslock_options_on_lost(options, [](void *self, const vfslock_event *event) -> std::int32_t {
    static_cast<Keeping *>(self)->lose(event);
    return 0;
  }, this, nullptr, nullptr);
}

void Keeping::at_risk(const vfslock_event *event) {
  console_.tell({"at_risk", "cannot renew the lock of " + uri_ + ", which ends in " +
                                span_text(vfslock_event_number(event, "remaining_ms")) + ": " +
                                vfslock_error_message(vfslock_event_error(event))});
  bell_.ring();
}

void Keeping::lose(const vfslock_event *event) {
  std::unique_lock<std::mutex> hold(mutex_);
  lost_ = true;
  loss_ = vfslock_error_message(vfslock_event_error(event));
  bell_.ring();
  changed_.wait(hold, [this] { return gone_; });
}

bool Keeping::lost() {
  const std::lock_guard<std::mutex> hold(mutex_);
  return lost_;
}

std::string Keeping::loss() {
  const std::lock_guard<std::mutex> hold(mutex_);
  return loss_;
}

void Keeping::command_is_gone() {
  const std::lock_guard<std::mutex> hold(mutex_);
  gone_ = true;
  changed_.notify_all();
}

}  // namespace vfslock::cli
