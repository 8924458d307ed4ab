// F15: SIGKILL and SIGSTOP at every system call of every operation on a local disk: before each one, which is after the
// one before it, and after the last. The next one gets the lock in time, no record is torn, no two hold at once, and
// nothing is left behind.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include <sys/mman.h>
#include <sys/wait.h>

#include "operations.hpp"
#include "support/record_locks.hpp"
#include "tracer.hpp"

namespace vfslock::torture {
namespace {

using impl::test::Folder;

constexpr int workers = 40;  // most of their time they wait for a lease or for a guard
constexpr int most_operations = 32, most_cases = 1'000'000;
constexpr std::int64_t long_ms = 60'000, short_ms = 250, next_ms = 6'000;
constexpr std::int64_t shortest_renewed_ms = 1'000;

enum class Fate { counted, killed, killed_then_robbed_died, killed_then_robbed_released, stopped, stopped_for_long };

struct Case {
  int operation;
  Fate fate;
  Point point;
};

// What the workers share.
struct Board {
  std::atomic<std::size_t> next{0};
  std::atomic<int> calls[most_operations];
  std::atomic<int> unreached[most_operations], kills[most_operations], stops[most_operations], robbed[most_operations];
};
Board *board;

int agreed = 0;
std::int32_t agree(void *, const vfslock_event *) { return ++agreed, 0; }

// The one who comes next, and who takes what is stale.
vfslock_status acquire_next(const std::string &uri, std::int64_t wait_ms, vfslock_lock **lock) {
  const Options options(next_ms);
  vfslock_options_on_stale(options, agree, nullptr, nullptr, nullptr);
  agreed = 0;
  return vfslock_acquire(nullptr, uri.c_str(), options, wait_ms, nullptr, lock, nullptr);
}

bool checks(vfslock_lock *lock) {
  return vfslock_lock_check(lock, VFSLOCK_OWN_BOUND, nullptr, nullptr, nullptr) == VFSLOCK_OK;
}
bool releases(vfslock_lock *lock) {
  return vfslock_lock_release(lock, VFSLOCK_OWN_BOUND, nullptr, nullptr) == VFSLOCK_OK;
}
std::string name(long status) { return vfslock_status_name(static_cast<vfslock_status>(status)); }

bool guarded(const Scene &s) { return access(s.record.c_str(), F_OK) == 0 && impl::test::is_locked(s.record, 1); }

struct Found {
  std::int32_t state;
  std::int64_t token;
};

// A record or none, whole, and no more than one temporary beside it.
Found look(const Scene &s, std::int64_t timeout_ms) {
  int others = 0;
  for (const std::string &name : s.folder.names()) others += name != "x.lock";
  expect(temporaries(s.folder) <= 1, "more than one temporary");
  expect(others == temporaries(s.folder), "a file that is neither record nor temporary");
  vfslock_report *report = nullptr;
  const vfslock_status status = vfslock_inspect(nullptr, s.uri.c_str(), timeout_ms, nullptr, &report, nullptr);
  Found found{status, 0};
  if (status == VFSLOCK_OK) {
    const vfslock_record *record = vfslock_report_record(report);
    found = {vfslock_report_state(report), vfslock_record_token(record)};
    expect(found.state != VFSLOCK_REPORT_CORRUPT, "a torn record");
    expect(found.state == VFSLOCK_REPORT_FREE || vfslock_record_lock_id(record), "a record of nobody");
  }
  vfslock_report_free(report);
  return found;
}

// Somebody acquires, with a larger token than all before, and leaves the place clean.
void inherit(const Scene &s, const Operation &operation, std::int64_t wait_ms, std::int64_t token) {
  const Found before = look(s, VFSLOCK_OWN_BOUND);
  vfslock_lock *lock = nullptr;
  const vfslock_status status = acquire_next(s.uri, wait_ms, &lock);
  if (!expect(status == VFSLOCK_OK, "the next one is refused: " + name(status))) return;
  expect(vfslock_lock_is_held(lock) == 1, "acquired and not held");
  expect(checks(lock), "acquired, and another record stands there");
  expect(vfslock_lock_token(lock) > token, "a token that does not grow");
  if (operation.kept) expect(vfslock_lock_token(lock) == before.token + 1, "a token that is not one more");
  expect(releases(lock), "the next one cannot release");
  vfslock_lock_free(lock);
  const std::int32_t end = operation.kept ? VFSLOCK_REPORT_RELEASED : VFSLOCK_REPORT_FREE;
  expect(standing(s.uri) == end, "not free after the next one");
  expect(s.folder.names().size() == (operation.kept ? 1 : 0), "something is left after the next one");
}

std::int64_t ttl_of(const Case &c, const Operation &operation) {
  const bool lapses = c.fate == Fate::stopped_for_long || (c.fate == Fate::killed && operation.detached);
  if (operation.by_threads()) return shortest_renewed_ms;
  return !lapses ? long_ms : operation.renewed ? shortest_renewed_ms : short_ms;
}

void count(const Case &c, const Operation &operation, Scene &s, Trace &trace) {
  if (!expect(trace.run() == Trace::At::end, "it did not come to its end")) return;
  expect(!guarded(s), "it keeps the guard");
  expect(trace.done(0) == VFSLOCK_OK, "it fails by itself: " + name(trace.done(0)));
  expect(trace.run() == Trace::At::dead && trace.ended() == 0, "its process did not end well");
  expect(trace.calls() >= operation.least, "only " + std::to_string(trace.calls()) + " system calls");
  board->calls[c.operation] = static_cast<int>(trace.calls());
}

void kill_it(const Case &c, const Operation &operation, Scene &s, Trace &trace) {
  if (trace.run() != Trace::At::point) {
    ++board->unreached[c.operation];
    return;
  }
  context += ", call " + std::to_string(trace.call());
  trace.kill();
  expect(WIFSIGNALED(trace.ended()) && WTERMSIG(trace.ended()) == SIGKILL, "it was not killed");
  ++board->kills[c.operation];

  const Found found = look(s, VFSLOCK_OWN_BOUND);
  const std::string state = std::to_string(found.state);
  if (!operation.detached) expect(free_to_take(found.state), "the dead one's lock is not free: " + state);
  if (operation.kept) expect(found.state != VFSLOCK_REPORT_FREE, "a kept record is gone");
  // A thief's temporary goes with the next steal, with the next take-over from the dead, or with a late release.
  const bool released = c.fate == Fate::killed_then_robbed_released;
  if (released) vfslock_lock_release(s.other, VFSLOCK_OWN_BOUND, nullptr, nullptr);
  if (c.fate != Fate::killed) vfslock_lock_free(std::exchange(s.other, nullptr));
  inherit(s, operation, operation.detached ? VFSLOCK_WAIT_FOREVER : VFSLOCK_NO_WAIT, std::max(s.token, found.token));
  const int stale = found.state == VFSLOCK_REPORT_STALE ? 1 : 0;
  if (!operation.detached && !released) expect(agreed == stale, "the stale handler was not asked once");
}

// What became of who was stopped, when somebody else has it meanwhile, and when not.
void judge_robbed(const Operation &operation, long status) {
  const bool lost = status == VFSLOCK_LOST || status == VFSLOCK_HELD || status == VFSLOCK_UNAVAILABLE;
  // A release may have been done before. The threads that renew start after the grant: who is robbed there learns it
  // from the lock and its lost handler.
  const bool may_succeed = operation.kind == Kind::ends || (operation.kind == Kind::takes && operation.renewed);
  expect(lost || (may_succeed && status == VFSLOCK_OK), "robbed, and told " + name(status));
}
void judge_unhindered(const Operation &operation, const Scene &s, const Trace &trace) {
  expect(trace.done(0) == VFSLOCK_OK, "nobody was in its way, and it failed: " + name(trace.done(0)));
  expect(trace.end(0) == (operation.kind == Kind::ends ? 0 : 1), "believes what is not so");
  if (operation.kind == Kind::takes) expect(trace.end(1) > s.token, "a token that does not grow");
}

void stop_it(const Case &c, const Operation &operation, Scene &s, Trace &trace) {
  if (trace.run() != Trace::At::point) {
    ++board->unreached[c.operation];
    return;
  }
  context += ", call " + std::to_string(trace.call());
  const auto stopped = std::chrono::steady_clock::now();
  ++board->stops[c.operation];
  const bool for_long = c.fate == Fate::stopped_for_long;
  const bool inside = guarded(s);
  const Found found = look(s, inside ? 20 : VFSLOCK_OWN_BOUND);
  expect(found.state > 0 || (inside && found.state == VFSLOCK_UNAVAILABLE), "a look fails: " + name(found.state));

  // Who comes next may wait for the lease, but not for one who is stopped inside the guard.
  const std::int64_t wait_ms = !for_long ? VFSLOCK_NO_WAIT : inside ? 2 * short_ms : VFSLOCK_WAIT_FOREVER;
  vfslock_lock *next = nullptr;
  const vfslock_status answer = acquire_next(s.uri, wait_ms, &next);
  const std::string told = name(answer);
  if (for_long && !inside) expect(answer == VFSLOCK_OK, "its lease is over, and the next one gets " + told);
  if (!for_long && operation.kind == Kind::keeps) expect(!next, "robbed within its lease");
  const bool refused = answer == VFSLOCK_HELD || answer == VFSLOCK_TIMEOUT;
  const bool blocked = inside && answer == VFSLOCK_UNAVAILABLE;
  expect(refused || blocked || answer == VFSLOCK_OK, "the next one is told " + told);
  if (next) expect(vfslock_lock_token(next) > std::max(s.token, found.token), "a token that does not grow");
  if (next) ++board->robbed[c.operation];
  // Beyond this its own time for the call may be over.
  const bool briefly = std::chrono::steady_clock::now() - stopped < std::chrono::seconds(5);

  if (!expect(trace.run() == Trace::At::end, "it did not go on to its end")) return;
  // Its first thread may see the lease end while another is still inside.
  if (!operation.by_threads()) expect(!guarded(s), "it keeps the guard");
  const std::int64_t token = std::max({vfslock_lock_token(next), s.token, static_cast<std::int64_t>(trace.end(1))});
  if (next && vfslock_lock_is_held(next)) {
    expect(trace.end(0) == 0, "two hold at once");
    judge_robbed(operation, trace.done(0));
    expect(checks(next), "the next one was robbed in turn");
    expect(releases(next), "the next one cannot release");
  } else if (!next && !for_long && briefly) {
    judge_unhindered(operation, s, trace);
  }
  vfslock_lock_free(next);
  expect(trace.run() == Trace::At::dead && trace.ended() == 0, "its process did not end well");
  if (!operation.detached) inherit(s, operation, VFSLOCK_NO_WAIT, token);
  else if (for_long) inherit(s, operation, VFSLOCK_WAIT_FOREVER, token);
}

using Test = void (*)(const Case &, const Operation &, Scene &, Trace &);

const std::map<Fate, std::pair<const char *, Test>> fates{
    {Fate::counted, {"left alone", count}},
    {Fate::killed, {"killed", kill_it}},
    {Fate::killed_then_robbed_died, {"killed, as then the robbed one,", kill_it}},
    {Fate::killed_then_robbed_released, {"killed, while the robbed one releases then,", kill_it}},
    {Fate::stopped, {"stopped", stop_it}},
    {Fate::stopped_for_long, {"stopped beyond its lease", stop_it}}};

std::string describe(const Case &c) {
  return operations[static_cast<std::size_t>(c.operation)].name + std::string(", ") + fates.at(c.fate).first +
         (c.point.after ? " after " : " before ") + std::to_string(c.point.nth);
}

void run(const std::string &base, const Case &c) {
  const Operation &operation = operations[static_cast<std::size_t>(c.operation)];
  Scene s(base);
  // Forked before anything of the library has run in this process.
  Trace trace([&] { act(operation, s.uri, ttl_of(c, operation)); }, c.point, operation.by_threads());
  operation.scene(s, operation.kept);
  fates.at(c.fate).second(c, operation, s, trace);
}

// body() in a process of its own.
pid_t fork_for(const std::function<void()> &body) {
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no process for the work");
  if (pid > 0) return pid;
  try {
    body();
  } catch (const std::exception &error) {
    expect(false, error.what());
  }
  _exit(findings ? 1 : 0);
}

// 0 when all went well, 1 after findings; a hang is one too.
int result_of(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return 1;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  expect(false, WTERMSIG(status) == SIGALRM ? "it hangs" : "ended by signal " + std::to_string(WTERMSIG(status)));
  board->next = most_cases;  // enough to tell
  return 1;
}

bool share(const std::vector<Case> &cases) {
  const Folder folder(impl::test::bases().front());  // also removes what a case left that was ended
  board->next = 0;
  std::fflush(nullptr);
  std::vector<pid_t> all;
  for (int worker = 0; worker < workers; ++worker)
    all.push_back(fork_for([&] {
      for (std::size_t at = 0; (at = board->next++) < cases.size();) {
        context = describe(cases[at]);
        findings += result_of(fork_for([&] {
          alarm(60);  // what hangs ends, and with it what it traces
          run(folder.path(), cases[at]);
        }));
      }
    }));
  int bad = 0;
  for (const pid_t worker : all) bad += result_of(worker);
  return bad == 0;
}

bool torture() {
  const int all = static_cast<int>(operations.size());
  std::vector<Case> cases;
  for (int i = 0; i < all; ++i) cases.push_back({i, Fate::counted, {}});
  if (!share(cases)) return false;

  cases.clear();
  for (int i = 0; i < all; ++i) {
    const Operation &operation = operations[static_cast<std::size_t>(i)];
    const long last = board->calls[i];
    for (long at = 1; at <= last + 1; ++at) {
      const Point point{std::min(at, last), at > last};
      cases.push_back({i, Fate::killed, point});
      if (operation.steals) cases.push_back({i, Fate::killed_then_robbed_died, point});
      if (operation.steals) cases.push_back({i, Fate::killed_then_robbed_released, point});
      cases.push_back({i, Fate::stopped_for_long, point});
      if (!operation.by_threads()) cases.push_back({i, Fate::stopped, point});
    }
  }
  bool good = share(cases);
  for (int i = 0; i < all; ++i) {
    const Operation &operation = operations[static_cast<std::size_t>(i)];
    context = operation.name;
    std::printf("%-45s %3d calls, %3d kills, %3d stops, %3d of them robbed, %2d not reached\n", operation.name,
                board->calls[i].load(), board->kills[i].load(), board->stops[i].load(), board->robbed[i].load(),
                board->unreached[i].load());
    good = expect(board->kills[i] > operation.least, "not killed often enough") && good;
    good = expect(board->stops[i] > operation.least, "not stopped often enough") && good;
    good = expect(board->robbed[i] > 0, "never robbed while it was stopped") && good;
  }
  return good;
}

bool may_trace() {
  try {
    Trace trace([] {}, {}, false);
    return trace.run() == Trace::At::dead;
  } catch (const NotPermitted &) {
    return false;
  }
}

}  // namespace
}  // namespace vfslock::torture

int main() {
  using namespace vfslock::torture;
  if (!may_trace()) {
    std::puts("SKIP: death and stop at each system call: tracing (ptrace) is not permitted here");
    return 77;
  }
  void *shared = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  board = new (shared) Board{};
  return torture() ? 0 : 1;
}
