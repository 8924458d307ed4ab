#pragma once
// What scenarios prepare, do and judge in common.
#include "scene.hpp"

namespace vfslock::torture {

inline void nothing(Scene &) {}
// No renewal, so no threads.
inline vfslock_lock *hold(Scene &s, std::int64_t ttl_ms = 60'000) { return acquire(s.uri, Options(ttl_ms)); }
inline void other_holds(Scene &s) { s.other = hold(s); }
inline void other_died(Scene &s) { vfslock_lock_free(hold(s)); }
inline void held(Scene &s) { s.lock = hold(s); }
inline vfslock_client *new_client(const char *key, const char *value) {
  vfslock_client *client = nullptr;
  vfslock_client_new(&client, nullptr);
  if (key) vfslock_client_set(client, key, value, nullptr);
  return client;
}
inline vfslock_options *new_options() {
  vfslock_options *options = nullptr;
  vfslock_options_new(&options, nullptr);
  vfslock_options_set_renewal(options, 0, nullptr);
  return options;
}
inline void with_options(Scene &s) { s.options = new_options(); }
inline std::int32_t handle(void *, const vfslock_event *) { return 0; }
inline vfslock_status try_it(Scene &s, vfslock_error **error) {
  return vfslock_acquire(s.client, s.uri.c_str(), s.options, VFSLOCK_NO_WAIT, nullptr, &s.lock, error);
}

// A handle and belief come with success, and with nothing else.
inline void has_it_or_not(Scene &s, vfslock_status status) {
  expect((s.lock != nullptr) == (status == VFSLOCK_OK), "a lock with a failure, or none with success");
  if (!s.lock) return;
  expect(vfslock_lock_is_held(s.lock) == 1, "acquired and not held");
  expect(vfslock_lock_check(s.lock, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "acquired, and another record stands there");
}
// What a fault cost is a renewal, not the lock; where it is lost the handle says so.
inline void still_holds(Scene &s, vfslock_status status) {
  if (vfslock_lock_is_held(s.lock) != 1) {
    expect(status == VFSLOCK_LOST, "not held any more and not told");
    return;
  }
  expect(vfslock_lock_renew(s.lock, VFSLOCK_TTL_SAME, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "cannot be renewed later");
  expect(standing(s.uri) == VFSLOCK_REPORT_HELD, "held, and it does not show");
}
inline void closed(Scene &, vfslock_status) {}

}  // namespace vfslock::torture
