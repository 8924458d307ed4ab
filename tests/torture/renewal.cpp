#include "renewal.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <vector>

#include "interposer.hpp"
#include "scene.hpp"
#include "support/child.hpp"

namespace vfslock::torture {
namespace {

using impl::test::Child;

constexpr int at_once = 24;  // processes, which mostly wait for their renewal

std::atomic<int> told_at_risk{0}, told_lost{0};

std::int32_t hear_risk(void *, const vfslock_event *) { return ++told_at_risk, 0; }
std::int32_t hear_loss(void *, const vfslock_event *) { return ++told_lost, 0; }

std::int64_t expiry(const vfslock_lock *lock) {
  vfslock_record *record = nullptr;
  vfslock_lock_record(lock, &record, nullptr);
  const std::int64_t at = vfslock_record_expires_unix_ms(record);
  vfslock_record_free(record);
  return at;
}

enum Outcome { not_met = 0, met_and_held = 1, met_and_lost = 2, wrong = 3 };

// A lock with a short lease, in a process of its own, until the fault has come and was survived or told. `seen`: the
// calls of the first renewal.
Outcome live(Plan &plan, const std::string &base, long *seen = nullptr) {
  Scene scene(base);
  const Options options(1000, true);
  vfslock_options_on_at_risk(options, hear_risk, nullptr, nullptr, nullptr);
  vfslock_options_on_lost(options, hear_loss, nullptr, nullptr, nullptr);
  // A short lease may be over before the grant arrives.
  if (!expect(come_true([&] { return (scene.lock = acquire(scene.uri, options)) != nullptr; }), "not acquired")) return wrong;

  const std::int64_t first = expiry(scene.lock);
  arm_other_threads(&plan);
  const auto passed = [&] { return plan.call.load() && !plan.hit; };  // a call without that failure
  expect(come_true([&] { return plan.hit || passed() || told_lost || expiry(scene.lock) != first; }), "no renewal came");
  if (seen) *seen = plan.seen;
  if (!plan.hit) (void)come_true([&] { return plan.hit || passed() || told_lost || plan.seen > plan.nth; });
  if (!plan.hit) return not_met;

  const std::int64_t then = expiry(scene.lock);
  expect(come_true([&] { return told_lost || expiry(scene.lock) != then; }), "neither renewed nor lost");
  const bool held = vfslock_lock_is_held(scene.lock) == 1;
  if (!held) {
    expect(vfslock_lock_state(scene.lock) == VFSLOCK_STATE_LOST, "not held, and not lost");
    expect(come_true([] { return told_lost == 1; }), "a loss was not told, or twice");
  } else {
    expect(told_lost == 0, "told as lost, and held");
    expect(vfslock_lock_check(scene.lock, VFSLOCK_OWN_BOUND, nullptr, nullptr, nullptr) == VFSLOCK_OK, "held, and not its record");
  }
  arm_other_threads(nullptr);
  scene.let_go();
  scene.next_gets_it();
  return held ? met_and_held : met_and_lost;
}

}  // namespace

void renewals_fail(const std::string &base) {
  struct Try {
    std::string what;
    std::unique_ptr<Child> child;
  };
  int held = 0, lost = 0, places = 0;
  std::vector<Try> tries;
  const auto settle = [&] {
    for (Try &one : tries) {
      context = one.what;
      const int outcome = one.child->wait();
      expect(outcome >= not_met && outcome < wrong, "ended with " + std::to_string(outcome));
      held += outcome == met_and_held;
      lost += outcome == met_and_lost;
    }
    tries.clear();
  };
  for (const Kind kind : {Kind::calls, Kind::allocations}) {
    const int count = Child([&] {
                        Plan plan(kind, 0, 0);
                        long seen = 0;
                        (void)live(plan, base, &seen);
                        return static_cast<int>(std::min(seen, 100L));
                      }).wait();
    places += count;
    for (int n = 1; n <= count; ++n) {
      for (std::size_t which = 0; which < (kind == Kind::calls ? std::size(Call{}.failures) - 1 : 1); ++which) {
        context = "renewal in " + base + (kind == Kind::calls ? ", system call " : ", allocation ") + std::to_string(n) +
                  ", failure " + std::to_string(which);
        tries.push_back({context, std::make_unique<Child>([&, n, which] {
                           Plan plan(kind, n, which);
                           const int before = findings;
                           const Outcome outcome = live(plan, base);
                           return findings != before ? wrong : outcome;
                         })});
        if (tries.size() == at_once) settle();
      }
    }
  }
  settle();
  expect(places >= 20 && held + lost >= 40, "suspiciously little of renewals was reached");
  std::printf("renewal by the library's threads: %d calls and allocations, %d faults survived, %d told as lost\n",
              places, held, lost);
}

}  // namespace vfslock::torture
