// Scenarios of everything else: clients, options, cancels, records, reports and lists.
#include <filesystem>

#include "steps.hpp"

namespace vfslock::torture {
namespace {

void held_with_record(Scene &s) {
  held(s);
  vfslock_lock_record(s.lock, &s.record, nullptr);
}
vfslock_status inspect(Scene &s, vfslock_error **error) {
  return vfslock_inspect(s.client, s.uri.c_str(), now, nullptr, &s.report, error);
}
void reported(Scene &s, vfslock_status status) {
  expect((s.report != nullptr) == (status == VFSLOCK_OK), "a report with a failure, or none with success");
  if (s.other) expect(vfslock_lock_check(s.other, now, nullptr, nullptr, nullptr) == VFSLOCK_OK, "a look harmed the holder");
}

// A setter: what failed also spoils the options.
Scenario setter(const char *name, std::function<vfslock_status(Scene &, vfslock_error **)> act) {
  return {name, with_options, std::move(act), [](Scene &s, vfslock_status status) {
            const vfslock_status then = try_it(s, nullptr);
            expect(then == status, "options that a setter failed on were used");
          }};
}
template <class Set, class Value>
Scenario number(const char *name, Set set, Value value) {
  return setter(name, [=](Scene &s, vfslock_error **error) { return set(s.options, value, error); });
}

using OptionsHandler = vfslock_status(vfslock_options *, vfslock_handler, void *, vfslock_destroy, vfslock_error **);
Scenario handler(const char *name, OptionsHandler *set) {
  return setter(name, [=](Scene &s, vfslock_error **error) { return set(s.options, handle, nullptr, nullptr, error); });
}

// What is told goes through a thread of the client, which is gone with it.
using ClientHandler = vfslock_status(vfslock_client *, vfslock_handler, void *, vfslock_destroy, vfslock_error **);
Scenario client_handler(const char *name, ClientHandler *set) {
  return {name, [](Scene &s) { with_options(s), s.client = new_client(nullptr, nullptr); },
          [=](Scene &s, vfslock_error **error) {
            const vfslock_status status = set(s.client, handle, nullptr, nullptr, error);
            if (status == VFSLOCK_OK) vfslock_lock_close(acquire(s.uri, s.options), now);
            return status;
          },
          closed, VFSLOCK_OK, 0, 1, false, true};
}

void three_locks(Scene &s) {
  std::filesystem::create_directory(s.folder.at("below"));
  s.uri = s.folder.at("below/x");
  s.lock = hold(s);
  s.uri = s.folder.at("y");
  vfslock_lock_free(hold(s));
  s.uri = s.folder.at("x");
  s.other = hold(s);
}
vfslock_status list_all(Scene &s, vfslock_error **error) {
  vfslock_status status = vfslock_list_new(nullptr, s.folder.path().c_str(), &s.list, error);
  while (status == VFSLOCK_OK) {
    vfslock_report *report = nullptr;
    status = vfslock_list_next(s.list, now, nullptr, &report, error);
    if (!report) break;
    ++s.listed;
    vfslock_report_free(report);
  }
  return status;
}

}  // namespace

std::vector<Scenario> objects() {
  return {
      {"lock_record", held, [](Scene &s, vfslock_error **error) { return vfslock_lock_record(s.lock, &s.record, error); },
       still_holds, VFSLOCK_OK, 0, 3},
      {"record_dup", held_with_record, [](Scene &s, vfslock_error **error) { return vfslock_record_dup(s.record, &s.copy, error); },
       still_holds, VFSLOCK_OK, 0, 2},
      {"inspect: a free lock", nothing, inspect, reported, VFSLOCK_OK, 3, 10},
      {"inspect: a held lock", other_holds, inspect, reported, VFSLOCK_OK, 5, 20},
      {"inspect: the dead", other_died, inspect, reported, VFSLOCK_OK, 5, 20},
      {"list_new", nothing,
       [](Scene &s, vfslock_error **error) { return vfslock_list_new(nullptr, s.folder.path().c_str(), &s.list, error); },
       [](Scene &s, vfslock_status status) { expect((s.list != nullptr) == (status == VFSLOCK_OK), "half a list"); },
       VFSLOCK_OK, 0, 3},
      {"list_next", three_locks, list_all,
       [](Scene &s, vfslock_status status) {
         expect(status != VFSLOCK_OK || s.listed == 3, "a list of " + std::to_string(s.listed) + " was told as the whole");
       },
       VFSLOCK_OK, 20, 100},
      {"cancel_trigger", [](Scene &s) { vfslock_cancel_new(&s.cancel, nullptr); },
       [](Scene &s, vfslock_error **) { return vfslock_cancel_trigger(s.cancel), VFSLOCK_OK; },
       [](Scene &s, vfslock_status) { expect(vfslock_cancel_is_triggered(s.cancel) == 1, "triggered, and not told"); },
       VFSLOCK_OK},
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
      {"client_set: unknown key", [](Scene &s) { s.client = new_client(nullptr, nullptr); },
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
      number("options_set_ttl_ms", vfslock_options_set_ttl_ms, std::int64_t{60'000}),
      number("options_set_renewal", vfslock_options_set_renewal, 0),
      number("options_set_require", vfslock_options_set_require, VFSLOCK_GUARANTEE_NONE),
      number("options_set_keep_record", vfslock_options_set_keep_record, 1),
      number("options_set_detached", vfslock_options_set_detached, 0),
      number("options_set_create_parents", vfslock_options_set_create_parents, 1),
      handler("options_on_stale", vfslock_options_on_stale),
      handler("options_on_waiting", vfslock_options_on_waiting),
      handler("options_on_at_risk", vfslock_options_on_at_risk),
      handler("options_on_lost", vfslock_options_on_lost),
      client_handler("client_on_log", vfslock_client_on_log),
      client_handler("client_on_metric", vfslock_client_on_metric),
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
}

}  // namespace vfslock::torture
