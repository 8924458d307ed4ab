// F22, F34: each allocation and each system call of every function of the C interface fails once, on a local disk.
// Whatever happens: a typed status, nothing half held, no descriptor and no memory left, and the next one is fine.
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>

#include <dirent.h>

#include "interposer.hpp"
#include "renewal.hpp"
#include "scene.hpp"
#include "support/child.hpp"

using namespace vfslock::torture;
using vfslock::impl::test::Child;

namespace {

std::string open_descriptors() {
  std::string out;
  const std::unique_ptr<DIR, int (*)(DIR *)> entries(opendir("/proc/self/fd"), &closedir);
  while (const dirent *entry = readdir(entries.get())) out.append(entry->d_name).append(" ");
  return out;
}

// Whether something below the base is open: of a lock that a thread is about to let go.
bool holds_any(const std::string &base) {
  for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the listing's own
    if (std::filesystem::read_symlink(entry.path(), gone).native().rfind(base + "/vfslock-test-", 0) == 0) return true;
  }
  return false;
}

// What a call with a fault may answer, besides what it answers without one.
bool fits(vfslock_status status, int error_number) {
  switch (status) {
    case VFSLOCK_UNKNOWN_OUTCOME:
    case VFSLOCK_UNAVAILABLE:
    case VFSLOCK_LOST: return true;
    case VFSLOCK_NO_MEMORY: return error_number == ENOMEM;
    case VFSLOCK_NO_SPACE: return error_number == ENOSPC || error_number == EDQUOT;
    case VFSLOCK_PERMISSION_DENIED: return error_number == EROFS;
    case VFSLOCK_UNSUPPORTED: return error_number == ENOLCK;
    default: return false;
  }
}

int error_of(const Plan &plan) {
  if (!plan.hit) return 0;
  return plan.kind == Kind::allocations ? ENOMEM : plan.call.load()->failures[plan.which].error_number;
}

void judge_status(const Scenario &scenario, vfslock_status status, const vfslock_error *error, const Plan &plan) {
  const std::string said = error ? vfslock_error_message(error) : "";
  const char *name = vfslock_status_name(status);
  expect(status == scenario.natural || fits(status, error_of(plan)), std::string("answered ") + (name ? name : "?") + ": " + said);
  if (status == VFSLOCK_OK) expect(error == nullptr, "an error with success");
  else if (expect(error != nullptr, "no error object"))
    expect(vfslock_error_status(error) == status && !said.empty(), "the error object does not tell what happened");
}

void all_freed(long alive) {
  expect(come_true([&] { return allocations_alive() == alive; }),
         std::to_string(allocations_alive() - alive) + " allocations were not freed");
}

// One life of a scenario with one plan.
void live(const Scenario &scenario, Plan &plan, const std::string &base) {
  const std::string descriptors = open_descriptors();
  const long alive = allocations_alive();
  {
    Scene scene(base);
    scenario.prepare(scene);
    vfslock_error *error = nullptr;
    vfslock_status status = VFSLOCK_INTERNAL;
    {
      std::optional<Armed> armed;
      if (plan.nth > 0) armed.emplace(plan);  // what is made by the way before is the process's own
      status = scenario.act(scene, &error);
    }
    if (const Call *call = plan.call) context.append(", ").append(call->name);
    if (const int error_number = error_of(plan)) context += ", errno " + std::to_string(error_number);
    judge_status(scenario, status, error, plan);
    vfslock_error_free(error);
    expect(temporaries(scene.folder) <= 1, "more than one temporary");
    scenario.judge(scene, status);
    scene.let_go();
    if (!scenario.untakeable) scene.next_gets_it();
  }
  if (scenario.cold || scenario.apart) return;  // what the process keeps came to be in there
  // A thread that told a loss may be the last to let the lock go.
  expect(come_true([&] { return open_descriptors() == descriptors; }),
         "descriptors " + open_descriptors() + "instead of " + descriptors);
  if (!scenario.has_threads) all_freed(alive);
}

// Whether the fault was met, and whether the call was that could have had it.
enum Met { nothing_met = 0, call_met = 1, fault_met = 2, finding = 4 };

int try_once(const Scenario &scenario, Kind kind, long n, std::size_t which, const std::string &base) {
  Plan plan(kind, n, which);
  const int before = findings;
  live(scenario, plan, base);
  return (plan.hit ? fault_met : nothing_met) | (plan.call.load() ? call_met : nothing_met) |
         (findings != before ? finding : nothing_met);
}

// n = 1, 2, … until the scenario ends without having come to the n-th.
void fail_each(const Scenario &scenario, Kind kind, const std::string &base) {
  const char *const what = kind == Kind::calls ? "system call" : "allocation";
  const long alive = allocations_alive();
  long places = 0, faults = 0;
  for (long n = 1; n < 5000; ++n) {
    bool over = false;
    for (std::size_t which = 0;; ++which) {
      context = scenario.name + " in " + base + ", " + what + " " + std::to_string(n);
      int met = nothing_met;
      if (scenario.cold || scenario.apart) {
        met = Child([&] { return try_once(scenario, kind, n, which, base); }).wait();
        if (!expect(met >= 0 && met < 8, "ended by " + std::to_string(met))) break;
        if (met & finding) ++findings;
      } else {
        met = try_once(scenario, kind, n, which, base);
      }
      over = !(met & (fault_met | call_met));
      if (!(met & fault_met)) break;  // this call has no more failures
      if (which == 0) ++places;
      ++faults;
      if (kind == Kind::allocations) break;
    }
    if (over) break;
  }
  if (scenario.has_threads) all_freed(alive);  // they linger for some seconds
  const long least = kind == Kind::calls ? scenario.least_calls : scenario.least_allocations;
  expect(places >= least, "only " + std::to_string(places) + " of at least " + std::to_string(least));
  std::printf("%s: %ld %ss, %ld faults\n", scenario.name.c_str(), places, what, faults);
}

// What can fail has a scenario: it comes from the list of functions.
void every_function_has_one(const std::vector<Scenario> &scenarios) {
  static const char *const functions[][2] = {
#define FUNCTION(result, name, parameters) {#name, #parameters},
#include "lists/functions.def"
#undef FUNCTION
  };
  for (const auto &[name, parameters] : functions) {
    if (std::string(parameters).find("**ret_err") == std::string::npos) continue;
    bool found = false;
    for (const Scenario &one : scenarios) found = found || one.name.substr(0, one.name.find(':')) == name;
    expect(found, std::string("no scenario of vfslock_") + name);
  }
}

}  // namespace

int main() {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string base = vfslock::impl::test::bases().front();
  std::vector<Scenario> all = tenures(), more = objects();
  all.insert(all.end(), more.begin(), more.end());
  every_function_has_one(all);
  for (const Scenario &scenario : all) {
    if (!scenario.cold) {  // what a process keeps for ever is made
      Scenario warm = scenario;
      context = scenario.name;
      for (const bool cold : {true, false}) {
        warm.cold = cold;
        (void)try_once(warm, Kind::calls, 0, 0, base);
        expect(come_true([&] { return !holds_any(base); }), "a descriptor stays open");
      }
    }
    for (const Kind kind : {Kind::calls, Kind::allocations}) fail_each(scenario, kind, base);
  }
  renewals_fail(base);
  return findings == 0 ? 0 : 1;
}
