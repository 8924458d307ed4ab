#pragma once
// Virtual time, what happens in it, and the activities that wait in it. One thing happens at a time, in an order that
// the seed alone decides.
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.hpp"
#include "dice.hpp"
#include "fiber.hpp"
#include "seam/clock.hpp"

namespace vfslock::sim {

constexpr Duration forever = Duration::max();

// Thrown out of every wait of an activity whose process has crashed, or whose run is over.
struct Killed {};

// What can be stopped and crash: a process.
struct Process {
  bool stopped = false;  // SIGSTOP: nothing of it runs, what would have run waits in `held_up`
  bool dead = false;
  std::vector<std::function<void()>> held_up;
};

struct Activity {
  Activity(std::string its_name, Process &its_process, std::function<void()> body)
      : name(std::move(its_name)), process(its_process), fiber(std::move(body)) {}

  std::string name;
  Process &process;
  Fiber fiber;
  std::uint64_t waits = 0;  // numbers its waits: an event meant for an earlier one does not wake a later one
  bool killed = false;
  bool in_flight = false;                  // a write of it is on its way
  const impl::Cancel *cancel = nullptr;    // what else may wake it
  const impl::Wakeup *hint = nullptr;
  std::set<std::string> own_locks;         // the lockIds that its current acquisition has sent
  std::string open_create;                 // of a create without an answer, which may still land
  std::deque<std::string> own_writes;      // its last 8 writeIds: older ones it need not know any more (R6)
};

class Loop {
 public:
  ~Loop() { kill_all(); }

  Duration now() const { return now_; }  // true time since the run began
  void at(Duration when, std::function<void()> what);
  bool step();  // makes the next thing happen; false when nothing is left

  Activity &spawn(std::string name, Process &process, std::function<void()> body);
  Activity *current() { return current_; }
  const std::vector<std::unique_ptr<Activity>> &activities() const { return activities_; }
  bool idle() const;  // every activity has ended

  void block(Duration until);  // the current activity, until it is woken or a true time
  void wake(Activity &activity);
  void trigger(impl::Cancel &cancel);

  void stop(Process &process) { process.stopped = true; }
  void go_on(Process &process);
  void crash(Process &process);
  void kill_all();

  // The trace: who, and what as a function that makes the text, so that an untraced run pays nothing.
  bool tracing = false;
  template <class Text>
  void say(const std::string &who, const Text &text) {
    if (tracing) write(who, text());
  }
  std::string trace;

  void fail(const std::string &what);  // the first failure counts
  const std::string &failure() const { return failure_; }

 private:
  struct Event {
    Duration at;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Event &other) const { return at != other.at ? at > other.at : order > other.order; }
  };

  void write(const std::string &who, const std::string &text);
  void run(Activity &activity);
  void ready(Activity &activity, std::uint64_t wait);
  void kill(Activity &activity);

  Duration now_{};
  std::uint64_t order_ = 0;
  std::vector<Event> events_;  // a heap: the next in front
  std::vector<std::unique_ptr<Activity>> activities_;
  Activity *current_ = nullptr;
  std::string failure_;
};

std::string in_seconds(Duration d);

}  // namespace vfslock::sim
