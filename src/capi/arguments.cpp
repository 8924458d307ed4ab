#include "capi/arguments.hpp"

#include "runtime/frame.hpp"

namespace vfslock::impl {
namespace {

Duration duration_of(std::int64_t ms) {
  constexpr std::int64_t most = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count();
  return ms >= most ? Duration::max() : Duration(std::chrono::milliseconds(ms));
}

}  // namespace

void refuse(std::string message) { throw Failure{Error{Status::INVALID_ARGUMENT, std::move(message)}}; }

std::string_view text_arg(const char *text, const char *name) { return &given(text, name); }

Duration ttl_arg(std::int64_t ttl_ms) {
  constexpr std::int64_t day = 86'400'000;
  if (ttl_ms < 0 || ttl_ms > day)
    refuse("ttl_ms is " + std::to_string(ttl_ms) + ", but it must be 0 (never expires by time) or 1 to 86400000");
  return duration_of(ttl_ms);
}

Wait wait_arg(std::int64_t wait_ms, const Cancel *cancel) {
  if (wait_ms < VFSLOCK_WAIT_FOREVER)
    refuse("wait_ms is " + std::to_string(wait_ms) + ", but it must be -1 (for ever), 0 (try once) or a time");
  if (wait_ms == VFSLOCK_WAIT_FOREVER) return {std::nullopt, cancel};
  return {duration_of(wait_ms), cancel};
}

bool flag_arg(std::int32_t flag, const char *name) {
  if (flag != 0 && flag != 1) refuse(std::string(name) + " is " + std::to_string(flag) + ", but it must be 0 or 1");
  return flag == 1;
}

std::shared_ptr<Cancel> cancel_arg(const vfslock_cancel *cancel) { return cancel ? cancel->inner : nullptr; }

std::optional<Duration> timeout_arg(std::int64_t timeout_ms) {
  if (timeout_ms == VFSLOCK_OWN_BOUND) return std::nullopt;
  if (timeout_ms < 1)
    refuse("timeout_ms is " + std::to_string(timeout_ms) + ", but it must be -1 (the library's own bound) or at least 1");
  return duration_of(timeout_ms);
}

Lock &lock_arg(const vfslock_lock *lock) {
  Lock &inner = *given(lock, "lock").inner;
  if (inner.forked())
    throw Failure{Error{Status::FORKED, "the lock belongs to the parent process of this fork; acquire it anew"}};
  return inner;
}

void refuse_while_deciding(const char *operation) {
  if (HandlerFrame::deciding())
    throw Failure{Error{Status::REENTRANT, std::string(operation) + " touches the storage and must not be called inside a " +
                                               "stale or waiting handler; return from the handler first"}};
}

}  // namespace vfslock::impl
