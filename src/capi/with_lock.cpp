#include "capi/arguments.hpp"
#include "capi/guard.hpp"

using namespace vfslock::impl;

namespace {

// Frees the handle on every way out, also where the body leaves by an exception: what is still held is given back.
struct Close {
  void operator()(vfslock_lock *lock) const { vfslock_lock_close(lock, VFSLOCK_OWN_BOUND); }
};

Error from(vfslock_error *error) {
  const std::unique_ptr<vfslock_error, decltype(&vfslock_error_free)> owned(error, &vfslock_error_free);
  return owned->error;
}

Error body_failed(std::int32_t value) {
  Error error{Status::CALLBACK_FAILED, "the body failed: it returned " + std::to_string(value)};
  error.callback_value = value;
  return error;
}

}  // namespace

vfslock_status vfslock_with_lock(vfslock_client *client, const char *uri, const vfslock_options *options, std::int64_t wait_ms,
                                 vfslock_cancel *cancel, vfslock_body body, void *user_data, vfslock_error **ret_err) {
  return guard("with_lock", ret_err, [&](Site &) -> Result<Done> {
    if (!body) refuse("body must not be NULL");
    vfslock_lock *raw = nullptr;
    vfslock_error *error = nullptr;
    if (vfslock_acquire(client, uri, options, wait_ms, cancel, &raw, &error) != VFSLOCK_OK) return from(error);
    const std::unique_ptr<vfslock_lock, Close> lock(raw);

    if (const std::int32_t value = body(user_data, raw)) return body_failed(value);  // outranks how the release goes
    const bool stays = raw->granted.detached && vfslock_lock_state(raw) != VFSLOCK_STATE_LOST;
    if (stays || vfslock_lock_state(raw) == VFSLOCK_STATE_RELEASED) return Done{};  // by the body itself
    if (vfslock_lock_release(raw, VFSLOCK_OWN_BOUND, nullptr, &error) != VFSLOCK_OK) return from(error);
    return Done{};
  });
}
