#include "scene.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vfslock::torture {
namespace {

constexpr std::int64_t now = VFSLOCK_OWN_BOUND;

void nothing(Scene &) {}

// Keeps what the scenario does without a helper's options: no renewal, so no threads.
vfslock_lock *hold(Scene &s, std::int64_t ttl_ms = 60'000) { return acquire(s.uri, Options(ttl_ms)); }

void other_holds(Scene &s) { s.other = hold(s); }
void other_died(Scene &s) { vfslock_lock_free(hold(s)); }
void other_overslept(Scene &s) {
  while (!s.other) s.other = hold(s, 1);  // which may be over before it is granted
  while (standing(s.uri) != VFSLOCK_REPORT_STALE) sched_yield();
}
void released_record(Scene &s) {
  const Options options(60'000);
  vfslock_options_set_keep_record(options, 1, nullptr);
  vfslock_lock_close(acquire(s.uri, options), now);
}
void held(Scene &s) { s.lock = hold(s); }
void held_and_kept(Scene &s) {
  const Options options(60'000);
  vfslock_options_set_keep_record(options, 1, nullptr);
  s.lock = acquire(s.uri, options);
}
void held_with_record(Scene &s) {
  held(s);
  vfslock_lock_record(s.lock, &s.record, nullptr);
}
void plant(Scene &s) { std::ofstream(s.folder.at("x.lock")) << "no record"; }
void empty_directory(Scene &s) { std::filesystem::create_directory(s.folder.at("x.lock")); }
void symbolic_link(Scene &s) { std::filesystem::create_symlink("elsewhere", s.folder.at("x.lock")); }

vfslock_client *new_client(const char *key, const char *value) {
  vfslock_client *client = nullptr;
  vfslock_client_new(&client, nullptr);
  if (key) vfslock_client_set(client, key, value, nullptr);
  return client;
}
vfslock_options *new_options() {
  vfslock_options *options = nullptr;
  vfslock_options_new(&options, nullptr);
  vfslock_options_set_renewal(options, 0, nullptr);
  return options;
}
void with_options(Scene &s) { s.options = new_options(); }
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

std::int32_t handle(void *, const vfslock_event *) { return 0; }

vfslock_status try_it(Scene &s, vfslock_error **error) {
  return vfslock_acquire(s.client, s.uri.c_str(), s.options, VFSLOCK_NO_WAIT, nullptr, &s.lock, error);
}
vfslock_status wait_for_it(Scene &s, vfslock_error **error) {
  return vfslock_acquire(s.client, s.uri.c_str(), s.options, VFSLOCK_WAIT_FOREVER, nullptr, &s.lock, error);
}
vfslock_status renew(Scene &s, vfslock_error **error) {
  return vfslock_lock_renew(s.lock, VFSLOCK_TTL_SAME, now, nullptr, nullptr, error);
}
vfslock_status release(Scene &s, vfslock_error **error) { return vfslock_lock_release(s.lock, now, nullptr, error); }
vfslock_status inspect(Scene &s, vfslock_error **error) {
  return vfslock_inspect(s.client, s.uri.c_str(), now, nullptr, &s.report, error);
}

// A handle and belief come with success, and with nothing else.
void has_it_or_not(Scene &s, vfslock_status status) {
  expect((s.lock != nullptr) == (status == VFSLOCK_OK), "a lock with a failure, or none with success");
  if (!s.lock) return;
  expect(vfslock_lock_is_held(s.lock) == 1, "acquired and not held");
  expect(vfslock_lock_check(s.lock, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "acquired, and another record stands there");
}
void other_still_holds(Scene &s, vfslock_status status) {
  expect(status != VFSLOCK_OK && !s.lock, "acquired a held lock");
  expect(vfslock_lock_check(s.other, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "the holder was robbed");
}
// What a fault cost is a renewal, not the lock; where it is lost the handle says so.
void still_holds(Scene &s, vfslock_status status) {
  if (vfslock_lock_is_held(s.lock) != 1) {
    expect(status == VFSLOCK_LOST, "not held any more and not told");
    return;
  }
  expect(vfslock_lock_renew(s.lock, VFSLOCK_TTL_SAME, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "cannot be renewed later");
  expect(standing(s.uri) == VFSLOCK_REPORT_HELD, "held, and it does not show");
}
void not_held(Scene &s, vfslock_status status) {
  expect(vfslock_lock_is_held(s.lock) == 0, "believes after its release");
  const bool gone = free_to_take(standing(s.uri));  // else the release was not even begun, and can be repeated
  const vfslock_status again = vfslock_lock_release(s.lock, now, nullptr, nullptr);
  if (!gone) expect(status != VFSLOCK_OK && again == VFSLOCK_OK, "a release neither let the lock go nor can be repeated");
  else if (status == VFSLOCK_OK) expect(again == VFSLOCK_NOT_HELD, "released twice");
  else expect(again == VFSLOCK_OK || again == VFSLOCK_NOT_HELD || again == VFSLOCK_LOST, "the release cannot be repeated");
}
void closed(Scene &, vfslock_status) {}
void reported(Scene &s, vfslock_status status) {
  expect((s.report != nullptr) == (status == VFSLOCK_OK), "a report with a failure, or none with success");
  if (s.other) expect(vfslock_lock_check(s.other, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "a look harmed the holder");
}
void nothing_made(Scene &s, vfslock_status) { expect(!s.lock, "acquired what cannot be had"); }
void left_alone(Scene &s, vfslock_status status) {
  nothing_made(s, status);
  expect(std::filesystem::remove(s.folder.at("x.lock")), "what is no record was removed");
}

// A setter: what failed also spoils the options.
Scenario setter(const char *name, std::function<vfslock_status(Scene &, vfslock_error **)> act) {
  return {name, with_options, std::move(act), [](Scene &s, vfslock_status status) {
            const vfslock_status then = try_it(s, nullptr);
            expect(then == status, "options that a setter failed on were used");
          }};
}

}  // namespace

void Scene::let_go() {
  vfslock_lock_close(lock, now);
  vfslock_lock_close(other, now);
  vfslock_report_free(report);
  vfslock_record_free(copy);
  vfslock_record_free(record);
  vfslock_cancel_free(cancel);
  vfslock_options_free(options);
  vfslock_client_free(client);
  if (descriptor >= 0) close(descriptor);
  lock = other = nullptr;
  report = nullptr;
  record = copy = nullptr;
  cancel = nullptr;
  options = nullptr;
  client = nullptr;
  descriptor = -1;
}

void Scene::next_gets_it() {
  const std::int32_t stands = standing(uri);
  expect(free_to_take(stands), "not free to take: report " + std::to_string(stands));
  vfslock_lock *next = acquire(uri, Options(60'000));
  expect(next && vfslock_lock_is_held(next) == 1, "the next one cannot have the lock at once");
  const bool keeps = vfslock_lock_release(next, now, nullptr, nullptr) == VFSLOCK_OK &&
                     standing(uri) == VFSLOCK_REPORT_RELEASED;  // the record said so
  vfslock_lock_free(next);
  expect(keeps || standing(uri) == VFSLOCK_REPORT_FREE, "not free after the next one's release");
  expect(temporaries(folder) == 0, "a temporary outlived the next one");
}

std::vector<Scenario> scenarios() {
  const auto first_ever = [](Scene &s, vfslock_error **error) {
    return vfslock_acquire(nullptr, s.uri.c_str(), nullptr, VFSLOCK_NO_WAIT, nullptr, &s.lock, error);
  };
  const auto handlers = [](Scene &s) {
    s.client = new_client(nullptr, nullptr);
    s.options = new_options();
    vfslock_options_set_renewal(s.options, 1, nullptr);
    vfslock_options_on_lost(s.options, handle, nullptr, nullptr, nullptr);
  };
  std::vector<Scenario> all{
      {"acquire, the first of a process", nothing, first_ever, has_it_or_not, VFSLOCK_OK, 20, 60, true},
      {"acquire a free lock", with_options, try_it, has_it_or_not, VFSLOCK_OK, 12, 30},
      {"acquire a free lock and watch it", handlers, try_it, has_it_or_not, VFSLOCK_OK, 12, 30, false, true},
      {"acquire a free lock durably", durable, try_it, has_it_or_not, VFSLOCK_OK, 15, 30},
      {"try a held lock", [](Scene &s) { other_holds(s), with_options(s); }, try_it, other_still_holds, VFSLOCK_HELD, 5, 20},
      {"wait for a held lock", other_holds_for_one_sleep, wait_for_it, other_still_holds,
       VFSLOCK_CANCELLED, 15, 20},
      {"acquire from the dead", [](Scene &s) { other_died(s), with_options(s); }, try_it, has_it_or_not, VFSLOCK_OK, 12, 30},
      {"steal from the living",
       [](Scene &s) { other_overslept(s), with_options(s); },
       try_it,
       [](Scene &s, vfslock_status status) {
         has_it_or_not(s, status);
         expect(vfslock_lock_is_held(s.other) == 0, "held after its lease");
       },
       VFSLOCK_OK, 15, 30},
      {"steal durably", [](Scene &s) { other_overslept(s), durable(s); }, try_it, has_it_or_not, VFSLOCK_OK, 15, 30},
      {"take a released record", [](Scene &s) { released_record(s), with_options(s); }, try_it, has_it_or_not, VFSLOCK_OK, 12, 30},
      {"acquire over an empty directory", [](Scene &s) { empty_directory(s), with_options(s); }, try_it, has_it_or_not,
       VFSLOCK_OK, 15, 30},
      {"refused: no record", [](Scene &s) { plant(s), with_options(s); }, try_it, left_alone, VFSLOCK_CORRUPT_RECORD, 5, 10},
      {"refused: a symbolic link", [](Scene &s) { symbolic_link(s), with_options(s); }, try_it, left_alone,
       VFSLOCK_UNSAFE_PATH, 3, 10},
      {"refused: no such folder", [](Scene &s) { s.uri = s.folder.at("none/x"), with_options(s); }, try_it, nothing_made,
       VFSLOCK_NOT_FOUND, 1, 3, false, false, true},
      {"refused: no URI", [](Scene &s) { s.uri = "file://host/x", with_options(s); }, try_it, nothing_made, VFSLOCK_INVALID_URI, 0,
       1, false, false, true},
      {"renew", held, renew, still_holds, VFSLOCK_OK, 5, 10},
      {"renew durably", held_durably, renew, still_holds, VFSLOCK_OK, 6, 10},
      {"check", held, [](Scene &s, vfslock_error **error) { return vfslock_lock_check(s.lock, now, nullptr, nullptr, error); },
       still_holds, VFSLOCK_OK, 5, 2},
      {"release", held, release, not_held, VFSLOCK_OK, 5},
      {"release a kept record", held_and_kept, release, not_held, VFSLOCK_OK, 5, 10},
      {"release durably", held_durably, release, not_held, VFSLOCK_OK, 6},
      {"close", held,
       [](Scene &s, vfslock_error **) {
         vfslock_lock_close(std::exchange(s.lock, nullptr), now);
         return VFSLOCK_OK;
       },
       closed, VFSLOCK_OK, 5},
      {"free", held,
       [](Scene &s, vfslock_error **) {
         vfslock_lock_free(std::exchange(s.lock, nullptr));
         return VFSLOCK_OK;
       },
       closed, VFSLOCK_OK, 2},
      {"record", held, [](Scene &s, vfslock_error **error) { return vfslock_lock_record(s.lock, &s.record, error); }, still_holds,
       VFSLOCK_OK, 0, 3},
      {"record_dup", held_with_record, [](Scene &s, vfslock_error **error) { return vfslock_record_dup(s.record, &s.copy, error); },
       still_holds, VFSLOCK_OK, 0, 2},
      {"inherit", held, [](Scene &s, vfslock_error **error) { return vfslock_lock_inherit(s.lock, &s.descriptor, error); },
       still_holds, VFSLOCK_OK, 3},
      {"renew after inherit", [](Scene &s) { held(s), vfslock_lock_inherit(s.lock, &s.descriptor, nullptr); }, renew, still_holds,
       VFSLOCK_OK, 5, 10},
      {"release after inherit", [](Scene &s) { held(s), vfslock_lock_inherit(s.lock, &s.descriptor, nullptr); }, release, not_held,
       VFSLOCK_OK, 5},
      {"inspect a free lock", nothing, inspect, reported, VFSLOCK_OK, 3, 10},
      {"inspect a held lock", other_holds, inspect, reported, VFSLOCK_OK, 5, 20},
      {"inspect the dead", other_died, inspect, reported, VFSLOCK_OK, 5, 20},
      {"probe", nothing,
       [](Scene &s, vfslock_error **error) { return vfslock_probe(nullptr, s.uri.c_str(), now, nullptr, &s.report, error); },
       reported, VFSLOCK_OK, 3, 20},
      {"client_new", nothing, [](Scene &s, vfslock_error **error) { return vfslock_client_new(&s.client, error); },
       [](Scene &s, vfslock_status status) { expect((s.client != nullptr) == (status == VFSLOCK_OK), "half a client"); },
       VFSLOCK_OK, 0, 1},
      {"client_set", [](Scene &s) { s.client = new_client(nullptr, nullptr); },
       [](Scene &s, vfslock_error **error) {
         return vfslock_client_set(s.client, "lock.name", "{name}.lock with quite a long name of its own", error);
       },
       closed, VFSLOCK_OK, 0, 1},
      {"client_set, unknown key", [](Scene &s) { s.client = new_client(nullptr, nullptr); },
       [](Scene &s, vfslock_error **error) { return vfslock_client_set(s.client, "lock.nane", "x", error); }, closed,
       VFSLOCK_INVALID_ARGUMENT, 0, 1},
      {"options_new", nothing, [](Scene &s, vfslock_error **error) { return vfslock_options_new(&s.options, error); },
       [](Scene &s, vfslock_status status) { expect((s.options != nullptr) == (status == VFSLOCK_OK), "half of options"); },
       VFSLOCK_OK, 0, 1},
      {"cancel_new", nothing, [](Scene &s, vfslock_error **error) { return vfslock_cancel_new(&s.cancel, error); },
       [](Scene &s, vfslock_status status) { expect((s.cancel != nullptr) == (status == VFSLOCK_OK), "half a cancel"); },
       VFSLOCK_OK, 0, 1},
      setter("options_set_owner_id",
             [](Scene &s, vfslock_error **error) {
               return vfslock_options_set_owner_id(s.options, "an owner with quite a long name of its own", error);
             }),
      setter("options_set_attribute",
             [](Scene &s, vfslock_error **error) {
               return vfslock_options_set_attribute(s.options, "a name that is long enough", "a value that is long enough", error);
             }),
      setter("options_set",
             [](Scene &s, vfslock_error **error) { return vfslock_options_set(s.options, "steal", "dead", error); }),
      {"options_on_lost", with_options,
       [](Scene &s, vfslock_error **error) { return vfslock_options_on_lost(s.options, handle, nullptr, nullptr, error); }, closed,
       VFSLOCK_OK, 0, 1},
      {"options_dup",
       [](Scene &s) {
         with_options(s);
         vfslock_options_set_attribute(s.options, "a name that is long enough", "a value that is long enough", nullptr);
       },
       [](Scene &s, vfslock_error **error) {
         vfslock_options *copy = nullptr;
         const vfslock_status status = vfslock_options_dup(s.options, &copy, error);
         vfslock_options_free(copy);
         return status;
       },
       closed, VFSLOCK_OK, 0, 2},
  };
  return all;
}

}  // namespace vfslock::torture
