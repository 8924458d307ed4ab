#include "contender.hpp"

#include <unistd.h>

#include <cstdio>
#include <new>
#include <random>

namespace contention {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

class Contender {
 public:
  Contender(Shared &shared, const Task &task, Lockable &lock)
      : shared_(shared), board_(shared.board()), slot_(shared.slot(task.slot)), task_(task), lock_(lock),
        random_(task.seed) {}

  void run() {
    bool first = true;  // a replacement holds at least once
    while (slot_.holds.load(relaxed) < board_.capacity) {
      const bool quota = slot_.holds.load(relaxed) >= task_.holds;
      if (quota && !first && (!task_.until_enough || board_.enough.load(relaxed))) return;
      if (quota && !task_.until_enough) return;
      first = false;
      phase(Phase::acquiring);
      std::string why;
      switch (lock_.acquire(wait_ms, why)) {
        case Granted::yes: hold_once(); break;
        case Granted::late: slot_.late.fetch_add(1, relaxed); break;
        case Granted::no: return complain(why);
      }
    }
  }

 private:
  void phase(Phase next) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    slot_.phase.store(next, relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

  void complain(const std::string &trouble) {
    if (slot_.errors.fetch_add(1, relaxed) == 0) {
      std::snprintf(slot_.error, sizeof slot_.error, "%s", trouble.c_str());
    }
  }

  void hold_once() {
    phase(Phase::touching);
    const std::uint32_t index = slot_.holds.load(relaxed);
    Hold &hold = *new (&shared_.hold(task_.slot, index)) Hold{};
    hold.pid = static_cast<std::int32_t>(getpid());
    hold.token = lock_.token();
    hold.enter = hold.end = now_ns();
    hold.deadline = hold.enter + lock_.remaining_ms() * ms;
    hold.mark(Step::granted);
    slot_.holds.store(index + 1, relaxed);
    const std::uint64_t id = Shared::id(task_.slot, index);
    if (!lock_.is_held()) {
      hold.told_lost = now_ns();
      hold.outcome = Outcome::missed;
    } else {
      enter(hold, id);
      phase(Phase::holding);
      stay(hold);
      phase(Phase::touching);
      leave(hold, id);
    }
    hold.mark(Step::done);
    phase(Phase::releasing);
    hold.release_status = lock_.release();
    hold.released = now_ns();
  }

  void enter(Hold &hold, std::uint64_t id) {
    hold.mark(Step::exchanging);
    hold.found = board_.inside.exchange(id, relaxed);
    hold.read = board_.counter;
    hold.touched = now_ns();
    hold.mark(Step::inside);
  }

  // Asks all the time, so that the log says how long the holder was sure of its lock, whatever ends it.
  void stay(Hold &hold) {
    const bool spin = random_() % 2 == 0;
    std::int64_t length = task_.hold_ms * ms + static_cast<std::int64_t>(random_() % 100'000);
    if (task_.long_holds && random_() % 40 == 0) length = 400 * ms + static_cast<std::int64_t>(random_() % 400) * ms;
    for (std::int64_t now = now_ns(); now < hold.enter + length; now = now_ns()) {
      if (!lock_.is_held()) return;  // leave() asks again
      hold.end = now;
      const std::int64_t deadline = now + lock_.remaining_ms() * ms;
      if (deadline > hold.deadline) hold.deadline = deadline;
      if (!spin) nap(100'000);
    }
  }

  void leave(Hold &hold, std::uint64_t id) {
    const std::int64_t now = now_ns();
    if (!lock_.is_held()) {
      hold.told_lost = now_ns();
      hold.outcome = Outcome::lost;
      return;
    }
    hold.end = now;
    hold.mark(Step::writing);
    board_.counter = hold.read + 1;
    std::uint64_t mine = id;
    if (!board_.inside.compare_exchange_strong(mine, 0, relaxed)) hold.swapped = mine == 0 ? ~std::uint64_t{0} : mine;
    hold.touched = now_ns();
    hold.outcome = Outcome::left;
  }

  static void nap(long ns) {
    const timespec length{0, ns};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
  }

  Shared &shared_;
  Board &board_;
  Slot &slot_;
  const Task &task_;
  Lockable &lock_;
  std::mt19937_64 random_;
};

}  // namespace

void contend(Shared &shared, const Task &task, Lockable &lock) { Contender(shared, task, lock).run(); }

}  // namespace contention
