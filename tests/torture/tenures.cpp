// Scenarios of one tenure: acquire, renew, check, release, and what others do to it.
#include <filesystem>
#include <fstream>
#include <utility>

#include <sched.h>

#include "steps.hpp"

namespace vfslock::torture {
namespace {

void other_overslept(Scene &s) {
  while (!s.other) s.other = hold(s, 1);  // which may be over before it is granted
  while (standing(s.uri) != VFSLOCK_REPORT_STALE) sched_yield();
}
void released_record(Scene &s) {
  const Options options(60'000);
  vfslock_options_set_keep_record(options, 1, nullptr);
  vfslock_lock_close(acquire(s.uri, options), now);
}
void held_and_kept(Scene &s) {
  const Options options(60'000);
  vfslock_options_set_keep_record(options, 1, nullptr);
  s.lock = acquire(s.uri, options);
}
void detached(Scene &s) {
  with_options(s);
  vfslock_options_set_detached(s.options, 1, nullptr);
  s.outlives = true;
}
void held_and_inherited(Scene &s) {
  held(s);
  vfslock_lock_inherit(s.lock, &s.descriptor, nullptr);
}
void held_detached(Scene &s) {
  detached(s);
  s.lock = acquire(s.uri, s.options);
}
void other_is_detached(Scene &s) {
  detached(s);
  s.other = acquire(s.uri, s.options);
}
// Another waits for a detached holder to be gone, and writes down what it sees.
void other_is_seen(Scene &s) {
  other_is_detached(s);
  static const impl::test::Folder state(impl::test::bases().front());  // a process remembers each that it was given
  s.client = new_client("state_dir", state.path().c_str());
}
void missing_parents(Scene &s) {
  s.uri = s.folder.at("none/either/x");
  with_options(s);
  vfslock_options_set_create_parents(s.options, 1, nullptr);
}
void plant(Scene &s) { std::ofstream(s.folder.at("x.lock")) << "no record"; }
void empty_directory(Scene &s) { std::filesystem::create_directory(s.folder.at("x.lock")); }
void symbolic_link(Scene &s) { std::filesystem::create_symlink("elsewhere", s.folder.at("x.lock")); }
void durable(Scene &s) {
  s.client = new_client("file.durable", "true");
  with_options(s);
}
void held_durably(Scene &s) {
  durable(s);
  vfslock_acquire(s.client, s.uri.c_str(), s.options, VFSLOCK_NO_WAIT, nullptr, &s.lock, nullptr);
}

// Lets a waiter sleep once, and ends its wait when it would again.
int sleeps = 0;
std::int32_t sleep_once(void *, const vfslock_event *) { return sleeps++; }
void other_holds_for_one_sleep(Scene &s) {
  other_holds(s);
  with_options(s);
  vfslock_options_on_waiting(s.options, sleep_once, nullptr, nullptr, nullptr);
  sleeps = 0;
}

vfslock_status wait_for_it(Scene &s, vfslock_error **error) {
  return vfslock_acquire(s.client, s.uri.c_str(), s.options, VFSLOCK_WAIT_FOREVER, s.cancel, &s.lock, error);
}
vfslock_status renew(Scene &s, vfslock_error **error) {
  return vfslock_lock_renew(s.lock, VFSLOCK_TTL_SAME, now, nullptr, nullptr, error);
}
vfslock_status resume(Scene &s, vfslock_error **error) {
  return vfslock_resume(nullptr, s.uri.c_str(), vfslock_lock_id(s.other), s.options, now, nullptr, &s.lock, error);
}
vfslock_status break_it(Scene &s, vfslock_error **error) {
  return vfslock_break_lock(nullptr, s.uri.c_str(), vfslock_lock_id(s.other), now, nullptr, error);
}
std::int32_t work(void *at, vfslock_lock *lock) {
  static_cast<Scene *>(at)->bodies += vfslock_lock_is_held(lock) == 1 ? 1 : 100;  // under the fault: no words here
  return 0;
}
vfslock_status with_it(Scene &s, vfslock_error **error) {
  return vfslock_with_lock(nullptr, s.uri.c_str(), s.options, VFSLOCK_NO_WAIT, nullptr, work, &s, error);
}
vfslock_status release(Scene &s, vfslock_error **error) { return vfslock_lock_release(s.lock, now, nullptr, error); }

void other_still_holds(Scene &s, vfslock_status status) {
  expect(status != VFSLOCK_OK && !s.lock, "acquired a held lock");
  expect(vfslock_lock_check(s.other, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "the holder was robbed");
}
void not_held(Scene &s, vfslock_status status) {
  expect(vfslock_lock_is_held(s.lock) == 0, "believes after its release");
  const bool gone = free_to_take(standing(s.uri));  // else the release was not even begun, and can be repeated
  const vfslock_status again = vfslock_lock_release(s.lock, now, nullptr, nullptr);
  if (!gone) expect(status != VFSLOCK_OK && again == VFSLOCK_OK, "a release neither let the lock go nor can be repeated");
  else if (status == VFSLOCK_OK) expect(again == VFSLOCK_NOT_HELD, "released twice");
  else expect(again == VFSLOCK_OK || again == VFSLOCK_NOT_HELD || again == VFSLOCK_LOST, "the release cannot be repeated");
}
// Without a proof of life what was written lives on: then it must have been told that nobody knows.
void has_it_or_says_so(Scene &s, vfslock_status status) {
  has_it_or_not(s, status);
  if (status != VFSLOCK_OK && status != VFSLOCK_UNKNOWN_OUTCOME) expect(free_to_take(standing(s.uri)), "half held");
}
void both_or_one(Scene &s, vfslock_status status) {
  has_it_or_not(s, status);
  expect(standing(s.uri) == VFSLOCK_REPORT_HELD, "a tenure was ended by who resumed it");
}
void broken_or_not(Scene &s, vfslock_status status) {
  const bool stands = standing(s.uri) == VFSLOCK_REPORT_HELD;
  if (status == VFSLOCK_OK) expect(!stands, "told as broken, and held");
  else if (!stands) expect(status == VFSLOCK_UNKNOWN_OUTCOME || status == VFSLOCK_NO_MEMORY, "broken, and told as a failure");
}
void ran_or_not(Scene &s, vfslock_status status) {
  expect(s.bodies <= 1, "the body ran twice, or without the lock");
  if (status == VFSLOCK_OK) expect(s.bodies == 1, "success without the body");
  expect(free_to_take(standing(s.uri)), "still held after it");
}
void nothing_made(Scene &s, vfslock_status) { expect(!s.lock, "acquired what cannot be had"); }
void left_alone(Scene &s, vfslock_status status) {
  nothing_made(s, status);
  expect(std::filesystem::remove(s.folder.at("x.lock")), "what is no record was removed");
}

}  // namespace

std::vector<Scenario> tenures() {
  const auto first_ever = [](Scene &s, vfslock_error **error) {
    return vfslock_acquire(nullptr, s.uri.c_str(), nullptr, VFSLOCK_NO_WAIT, nullptr, &s.lock, error);
  };
  const auto handlers = [](Scene &s) {
    s.client = new_client(nullptr, nullptr);
    s.options = new_options();
    vfslock_options_set_renewal(s.options, 1, nullptr);
    vfslock_options_on_lost(s.options, handle, nullptr, nullptr, nullptr);
  };
  return {
      {"acquire: the first of a process", nothing, first_ever, has_it_or_not, VFSLOCK_OK, 20, 60, true},
      {"acquire: a free lock", with_options, try_it, has_it_or_not, VFSLOCK_OK, 12, 30},
      {"acquire: a free lock, and watch it", handlers, try_it, has_it_or_not, VFSLOCK_OK, 12, 30, false, true},
      {"acquire: a free lock durably", durable, try_it, has_it_or_not, VFSLOCK_OK, 15, 30},
      {"acquire: a held lock", [](Scene &s) { other_holds(s), with_options(s); }, try_it, other_still_holds, VFSLOCK_HELD, 5, 20},
      {"acquire: wait for a held lock", other_holds_for_one_sleep, wait_for_it, other_still_holds,
       VFSLOCK_CANCELLED, 15, 20},
      {"acquire: wait for a held lock, with a cancel",
       [](Scene &s) { other_holds_for_one_sleep(s), vfslock_cancel_new(&s.cancel, nullptr); },
       wait_for_it, other_still_holds, VFSLOCK_CANCELLED, 17, 20},
      {"acquire: from the dead", [](Scene &s) { other_died(s), with_options(s); }, try_it, has_it_or_not, VFSLOCK_OK, 12, 30},
      {"acquire: from who overslept",
       [](Scene &s) { other_overslept(s), with_options(s); },
       try_it,
       [](Scene &s, vfslock_status status) {
         has_it_or_not(s, status);
         expect(vfslock_lock_is_held(s.other) == 0, "held after its lease");
       },
       VFSLOCK_OK, 15, 30},
      {"acquire: from who overslept, durably", [](Scene &s) { other_overslept(s), durable(s); }, try_it, has_it_or_not,
       VFSLOCK_OK, 15, 30},
      {"acquire: a released record", [](Scene &s) { released_record(s), with_options(s); }, try_it, has_it_or_not,
       VFSLOCK_OK, 12, 30},
      {"acquire: over an empty directory", [](Scene &s) { empty_directory(s), with_options(s); }, try_it, has_it_or_not,
       VFSLOCK_OK, 15, 30},
      {"acquire: no record", [](Scene &s) { plant(s), with_options(s); }, try_it, left_alone, VFSLOCK_CORRUPT_RECORD, 5, 10},
      {"acquire: a symbolic link", [](Scene &s) { symbolic_link(s), with_options(s); }, try_it, left_alone,
       VFSLOCK_UNSAFE_PATH, 3, 10},
      {"acquire: no such folder", [](Scene &s) { s.uri = s.folder.at("none/x"), with_options(s); }, try_it, nothing_made,
       VFSLOCK_NOT_FOUND, 1, 3, false, false, true},
      {"acquire: no URI", [](Scene &s) { s.uri = "file://host/x", with_options(s); }, try_it, nothing_made, VFSLOCK_INVALID_URI, 0,
       1, false, false, true},
      {"acquire: missing folders", missing_parents, try_it, has_it_or_not, VFSLOCK_OK, 14, 30},
      {"acquire: detached", detached, try_it, has_it_or_says_so, VFSLOCK_OK, 12, 30},
      {"acquire: with a state_dir", other_is_seen, try_it, other_still_holds, VFSLOCK_HELD, 8, 20, false, false, false, true},
      {"lock_renew: detached", held_detached, renew, still_holds, VFSLOCK_OK, 5, 10},
      {"lock_release: detached", held_detached, release, not_held, VFSLOCK_OK, 5, 3},
      {"resume", other_is_detached, resume, both_or_one, VFSLOCK_OK, 5, 20},
      {"break_lock", other_holds, break_it, broken_or_not, VFSLOCK_OK, 5, 20},
      {"break_lock: detached", other_is_detached, break_it, broken_or_not, VFSLOCK_OK, 5, 20},
      {"break_lock: another stands there", other_holds,
       [](Scene &s, vfslock_error **error) {
         return vfslock_break_lock(nullptr, s.uri.c_str(), "another", now, nullptr, error);
       },
       other_still_holds, VFSLOCK_HELD, 5, 20},
      {"with_lock", with_options, with_it, ran_or_not, VFSLOCK_OK, 15, 30},
      {"lock_renew", held, renew, still_holds, VFSLOCK_OK, 5, 10},
      {"lock_renew: durably", held_durably, renew, still_holds, VFSLOCK_OK, 6, 10},
      {"lock_check", held, [](Scene &s, vfslock_error **error) { return vfslock_lock_check(s.lock, now, nullptr, nullptr, error); },
       still_holds, VFSLOCK_OK, 5, 2},
      {"lock_release", held, release, not_held, VFSLOCK_OK, 5},
      {"lock_release: a kept record", held_and_kept, release, not_held, VFSLOCK_OK, 5, 10},
      {"lock_release: durably", held_durably, release, not_held, VFSLOCK_OK, 6},
      {"lock_close", held,
       [](Scene &s, vfslock_error **) {
         vfslock_lock_close(std::exchange(s.lock, nullptr), now);
         return VFSLOCK_OK;
       },
       closed, VFSLOCK_OK, 5},
      {"lock_free", held,
       [](Scene &s, vfslock_error **) {
         vfslock_lock_free(std::exchange(s.lock, nullptr));
         return VFSLOCK_OK;
       },
       closed, VFSLOCK_OK, 2},
      {"lock_inherit", held, [](Scene &s, vfslock_error **error) { return vfslock_lock_inherit(s.lock, &s.descriptor, error); },
       still_holds, VFSLOCK_OK, 3},
      {"lock_renew: after lock_inherit", held_and_inherited, renew, still_holds,
       VFSLOCK_OK, 5, 10},
      {"lock_release: after lock_inherit", held_and_inherited, release, not_held,
       VFSLOCK_OK, 5},
  };
}

}  // namespace vfslock::torture
