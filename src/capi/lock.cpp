#include <algorithm>

#include "base/fork.hpp"
#include "capi/arguments.hpp"
#include "capi/granting.hpp"
#include "capi/guard.hpp"
#include "capi/objects.hpp"
#include "runtime/frame.hpp"

using namespace vfslock::impl;

namespace {

const char *to_text(Loss reason) {
  switch (reason) {
    case Loss::none: return "none";
    case Loss::expired: return "expired";
    case Loss::replaced: return "replaced";
    case Loss::removed: return "removed";
    case Loss::unreachable: return "unreachable";
    case Loss::disowned: return "disowned";
  }
  return "";
}

// Handlers of a lock that is held. What is told must be told, even where there is no memory for the error.
void tell(const UserHandler &handler, vfslock_event event, const char *operation, Error error) noexcept {
  if (!handler) return;
  vfslock_error *shown = nullptr;
  fail({operation, {}}, std::move(error), &shown);
  event.error = shown;
  handler(event);
  vfslock_error_free(shown);
}

void release_quietly(vfslock_lock *handle) noexcept {
  if (!handle->closing || handle->granted.detached || HandlerFrame::deciding()) return;
  try {
    (void)handle->inner->release(*handle->closing);
  } catch (...) {
    // It expires by its TTL.
  }
}

// Ends what the handle stands for, and the handle, which lives on while a handler of its lock runs.
void end(vfslock_lock *handle) noexcept {
  const std::shared_ptr<Lock> lock = handle->inner;
  if (lock->forked()) {
    abandon(std::move(handle->inner));
    delete handle;
    return;
  }
  lock->mute();
  if (lock->state() != State::lost) release_quietly(handle);
  lock->leave();
  // The proof of life of a lock that is lost stays until its handler has returned.
  lock->after_handlers([handle] {
    if (handle->inner->state() == State::lost) release_quietly(handle);
    handle->inner->drop();
    delete handle;
  });
}

}  // namespace

void vfslock_lock::held(std::shared_ptr<Lock> lock) {
  const auto record = lock->record();
  granted = {record->lock_id, record->token, record->keep, record->detached};
  inner = std::move(lock);
}

void vfslock_lock::warn(const char *what, const Error &error) noexcept {
  if (telemetry) telemetry->tell([&] { return Happening{Severity::warning, what, uri, error.message, error.status, {}}; });
}

void vfslock_lock::at_risk(Error cause, Duration left) noexcept {
  vfslock_event event{"at_risk", uri.c_str(), this};
  event.numbers[0] = {"remaining_ms", left_ms(left)};
  warn("at_risk", cause);
  tell(on_at_risk, event, "lock_renew", std::move(cause));
}

void vfslock_lock::lost(Error error, Loss reason) noexcept {
  vfslock_event event{"lost", uri.c_str(), this};
  event.numbers[0] = {"remaining_ms", 0};
  event.texts[0] = {"reason", to_text(reason)};
  warn("lost", error);
  tell(on_lost, event, "lock_renew", std::move(error));
}

vfslock_status vfslock_lock_release(vfslock_lock *lock, std::int64_t timeout_ms, vfslock_cancel *cancel, vfslock_error **ret_err) {
  return guard("lock_release", ret_err, [&](Site &site) -> Result<Done> {
    Lock &inner = lock_arg(lock);
    site.uri = lock->uri;
    const auto held = cancel_arg(cancel);
    const auto time = timeout_arg(timeout_ms);
    refuse_while_deciding("vfslock_lock_release");
    const Noted noted(lock->telemetry, site.operation, site.uri);
    return noted.result(inner.release({time, held.get()}));
  });
}

vfslock_status vfslock_lock_renew(vfslock_lock *lock, std::int64_t ttl_ms, std::int64_t timeout_ms, vfslock_cancel *cancel,
                                  std::int64_t *ret_left_ms, vfslock_error **ret_err) {
  return guard("lock_renew", ret_err, [&](Site &site) -> Result<Done> {
    Lock &inner = lock_arg(lock);
    site.uri = lock->uri;
    const auto lease = ttl_ms == VFSLOCK_TTL_SAME ? std::nullopt : std::optional(ttl_arg(ttl_ms));
    const auto held = cancel_arg(cancel);
    const auto time = timeout_arg(timeout_ms);
    refuse_while_deciding("vfslock_lock_renew");
    if (HandlerFrame::inside(&inner))
      return Error{Status::REENTRANT, "vfslock_lock_renew must not be called inside a handler of the same lock"};
    const Noted noted(lock->telemetry, site.operation, site.uri);
    auto left = noted.result(inner.renew(lease, {time, held.get()}));
    if (!left) return left.error();
    if (ret_left_ms) *ret_left_ms = left_ms(*left);
    return Done{};
  });
}

vfslock_status vfslock_lock_check(vfslock_lock *lock, std::int64_t timeout_ms, vfslock_cancel *cancel,
                                  std::int64_t *ret_left_ms, vfslock_error **ret_err) {
  return guard("lock_check", ret_err, [&](Site &site) -> Result<Done> {
    Lock &inner = lock_arg(lock);
    site.uri = lock->uri;
    const auto held = cancel_arg(cancel);
    const auto time = timeout_arg(timeout_ms);
    refuse_while_deciding("vfslock_lock_check");
    auto left = inner.check({time, held.get()});
    if (!left) return left.error();
    if (ret_left_ms) *ret_left_ms = left_ms(*left);
    return Done{};
  });
}

std::int32_t vfslock_lock_state(const vfslock_lock *lock) {
  if (!lock) return 0;
  if (lock->inner->forked()) return VFSLOCK_STATE_FORKED;
  switch (lock->inner->state()) {
    case State::held: return VFSLOCK_STATE_OK;
    case State::suspect: return VFSLOCK_STATE_SUSPECT;
    case State::lost: return VFSLOCK_STATE_LOST;
    case State::released: return VFSLOCK_STATE_RELEASED;
  }
  return 0;
}

std::int32_t vfslock_lock_is_held(const vfslock_lock *lock) { return vfslock_lock_state(lock) == VFSLOCK_STATE_OK ? 1 : 0; }

std::int64_t vfslock_lock_remaining_ms(const vfslock_lock *lock) {
  return lock && !lock->inner->forked() ? left_ms(lock->inner->remaining()) : 0;
}

std::int64_t vfslock_lock_token(const vfslock_lock *lock) { return lock ? lock->granted.token : 0; }

std::int32_t vfslock_lock_token_is_strict(const vfslock_lock *lock) {
  return lock && (lock->granted.keep || lock->inner->guarantee().strict_tokens) ? 1 : 0;
}

const char *vfslock_lock_id(const vfslock_lock *lock) { return lock ? lock->granted.id.c_str() : nullptr; }
const char *vfslock_lock_uri(const vfslock_lock *lock) { return lock ? lock->uri.c_str() : nullptr; }

std::int32_t vfslock_lock_guarantee(const vfslock_lock *lock) {
  return lock ? static_cast<std::int32_t>(lock->inner->guarantee().level) : VFSLOCK_GUARANTEE_NONE;
}

vfslock_status vfslock_lock_record(const vfslock_lock *lock, vfslock_record **ret_record, vfslock_error **ret_err) {
  return guard("lock_record", ret_err, [&](Site &site) -> Result<Done> {
    const Lock &inner = lock_arg(lock);
    site.uri = lock->uri;
    vfslock_record *&out = given(ret_record, "ret_record");
    const auto record = inner.record();
    out = new vfslock_record{*record, encode(*record)};
    return Done{};
  });
}

vfslock_status vfslock_lock_inherit(vfslock_lock *lock, std::int32_t *ret_fd, vfslock_error **ret_err) {
  return guard("lock_inherit", ret_err, [&](Site &site) -> Result<Done> {
    Lock &inner = lock_arg(lock);
    site.uri = lock->uri;
    std::int32_t &out = given(ret_fd, "ret_fd");
    refuse_while_deciding("vfslock_lock_inherit");
    auto fd = inner.inherit();
    if (!fd) return fd.error();
    out = *fd;
    return Done{};
  });
}

void vfslock_lock_close(vfslock_lock *lock, std::int64_t timeout_ms) {
  if (!lock) return;
  // It cannot say what is wrong with its time, so it makes the best of it.
  const auto time = timeout_ms < 0 ? std::nullopt : timeout_arg(std::max<std::int64_t>(timeout_ms, 1));
  lock->closing = Lock::Patience{time, nullptr};
  end(lock);
}

void vfslock_lock_free(vfslock_lock *lock) {
  if (lock) end(lock);
}
