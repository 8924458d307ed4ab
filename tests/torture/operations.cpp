#include "operations.hpp"

#include <sched.h>
#include <unistd.h>

#include "tracer.hpp"

namespace vfslock::torture {
namespace {

void until_stale(const std::string &uri) {
  while (standing(uri) != VFSLOCK_REPORT_STALE) sched_yield();
}

vfslock_lock *other_acquires(Scene &s, bool kept, std::int64_t ttl_ms) {
  const Options options(ttl_ms);
  vfslock_options_set_keep_record(options, kept, nullptr);
  vfslock_lock *lock = nullptr;
  while (!lock) lock = acquire(s.uri, options);  // a TTL of 1 ms may be over before it is granted
  s.token = vfslock_lock_token(lock);
  return lock;
}

void nobody(Scene &, bool) {}
void released(Scene &s, bool kept) { vfslock_lock_close(other_acquires(s, kept, 60'000), VFSLOCK_OWN_BOUND); }
void dead(Scene &s, bool kept) { vfslock_lock_free(other_acquires(s, kept, 60'000)); }
void overslept(Scene &s, bool kept) {
  s.other = other_acquires(s, kept, 1);
  until_stale(s.uri);
}

void nothing(Actor &) {}
void see_stale(Actor &a) { until_stale(a.uri); }
// For longer than the shortest lease: from then on a thief may have been there.
void hold(Actor &a) {
  while (!a.lock) a.lock = acquire(a.uri, a.options);  // a short one may be over before it is granted
  const std::int64_t left = vfslock_lock_remaining_ms(a.lock);
  while (vfslock_lock_is_held(a.lock) && vfslock_lock_remaining_ms(a.lock) > left - 2) sched_yield();
}
void hold_with_child(Actor &a) {
  hold(a);
  std::int32_t descriptor = -1;
  vfslock_lock_inherit(a.lock, &descriptor, nullptr);
  close(descriptor);
}
vfslock_status resume(Actor &a) {
  return vfslock_resume(nullptr, a.uri.c_str(), a.id.c_str(), a.options, VFSLOCK_OWN_BOUND, nullptr, &a.lock, nullptr);
}
void leave_detached(Actor &a) {
  hold(a);
  a.id = vfslock_lock_id(a.lock);
  vfslock_lock_free(a.lock);
  a.lock = nullptr;
}
void resume_detached(Actor &a) {
  leave_detached(a);
  resume(a);
}

vfslock_status take(Actor &a) {
  return vfslock_acquire(nullptr, a.uri.c_str(), a.options, VFSLOCK_NO_WAIT, nullptr, &a.lock, nullptr);
}
vfslock_status renew(Actor &a) {
  return vfslock_lock_renew(a.lock, VFSLOCK_TTL_SAME, VFSLOCK_OWN_BOUND, nullptr, nullptr, nullptr);
}
vfslock_status release(Actor &a) { return vfslock_lock_release(a.lock, VFSLOCK_OWN_BOUND, nullptr, nullptr); }
// What is left grows when the library has renewed.
vfslock_status see_renewed(Actor &a) {
  std::int64_t left = vfslock_lock_remaining_ms(a.lock), now = left;
  while (now <= left && vfslock_lock_is_held(a.lock)) {
    left = now;
    usleep(1'000);
    now = vfslock_lock_remaining_ms(a.lock);
  }
  return vfslock_lock_is_held(a.lock) ? VFSLOCK_OK : VFSLOCK_LOST;
}

constexpr bool kept = true, detached = true, renewed = true, steals = true;

}  // namespace

const std::vector<Operation> operations{
    {"renewal in the background", Kind::keeps, 8, nobody, hold, see_renewed, false, false, renewed},
    {"acquire", Kind::takes, 25, nobody, nothing, take},
    {"acquire, renewed in the background", Kind::takes, 30, nobody, nothing, take, false, false, renewed},
    {"acquire a released record", Kind::takes, 25, released, nothing, take, kept},
    {"take over from the dead", Kind::takes, 25, dead, nothing, take},
    {"take over a kept record from the dead", Kind::takes, 25, dead, nothing, take, kept},
    {"steal from the living", Kind::takes, 15, overslept, see_stale, take, false, false, false, steals},
    {"steal a kept record from the living", Kind::takes, 15, overslept, see_stale, take, kept, false, false, steals},
    {"acquire detached", Kind::takes, 25, nobody, nothing, take, false, detached},
    {"renew", Kind::keeps, 5, nobody, hold, renew},
    {"renew with a child that keeps the lock", Kind::keeps, 5, nobody, hold_with_child, renew},
    {"resume", Kind::keeps, 8, nobody, leave_detached, resume, false, detached},
    {"release", Kind::ends, 5, nobody, hold, release},
    {"release and keep the record", Kind::ends, 5, nobody, hold, release, kept},
    {"release with a child that keeps the lock", Kind::ends, 5, nobody, hold_with_child, release},
    {"release detached", Kind::ends, 5, nobody, resume_detached, release, false, detached},
};

void act(const Operation &operation, const std::string &uri, std::int64_t ttl_ms) {
  const Options options(ttl_ms, operation.renewed);
  vfslock_options_set_keep_record(options, operation.kept, nullptr);
  vfslock_options_set_detached(options, operation.detached, nullptr);
  Actor actor{uri, options, nullptr, {}};
  operation.before(actor);
  mark(mark_begin);
  const vfslock_status status = operation.act(actor);
  mark(mark_done, status);
  mark(mark_end, vfslock_lock_is_held(actor.lock), vfslock_lock_token(actor.lock));
  _exit(0);
}

}  // namespace vfslock::torture
