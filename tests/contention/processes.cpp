#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <system_error>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.hpp"
#include "wall_clock.hpp"

namespace contention {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::int64_t second = 1'000 * ms;

class Processes {
 public:
  Processes(Shared &shared, const Plan &plan, std::vector<Finding> &findings)
      : shared_(shared), board_(shared.board()), plan_(plan), findings_(findings), random_(plan.seed),
        children_(plan.contenders) {}

  Faults run() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before_);
    const std::int64_t end = now_ns() + plan_.limit_s * second;
    for (std::uint32_t slot = 0; slot < plan_.contenders; ++slot) start(slot);
    next_fault_ = now_ns() + between_faults();
    while (running_ > 0) {
      const std::int64_t now = now_ns();
      if (now > end) return give_up();
      wait_for_child(child, std::min(next_event(), end) - now);
      reap();
      resume_stopped();
      if (plan_.faults() && now_ns() >= next_fault_) disturb();
      if (reached()) board_.enough.store(true, relaxed);
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    return faults_;
  }

 private:
  struct Child {
    pid_t pid = 0;  // 0: none
    std::uint32_t incarnation = 0;
    std::int64_t killed_at = 0;
    bool stopped = false;
    std::uint64_t stopped_in = 0;    // the hold during which it was stopped; 0: it held nothing
    std::int64_t resume_at = 0;      // with stopped_in: not before it was robbed
    std::int64_t give_up_at = 0;     // and this is too late for that
  };

  void report(const char *oracle, std::string text) { findings_.push_back({oracle, std::move(text)}); }

  void start(std::uint32_t slot) {
    Child &child = children_[slot];
    const std::uint32_t incarnation = child.incarnation + 1;
    child = Child{};
    child.incarnation = incarnation;
    const pid_t parent = getpid();
    child.pid = fork();
    if (child.pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child.pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody contends after the run
      if (getppid() != parent) _exit(1);
      sigprocmask(SIG_SETMASK, &before_, nullptr);
      const auto middle = static_cast<std::int64_t>(plan_.contenders / 2);
      if (middle > 0) shift_wall_clock((static_cast<std::int64_t>(slot) - middle) * plan_.wall_spread_s / middle);
      int code = 0;
      try {
        const auto lock = make_lock(plan_.lock, kind_of(plan_, slot), slot);
        contend(shared_, task_of(plan_, slot, incarnation), *lock);
      } catch (const std::exception &error) {
        std::snprintf(shared_.slot(slot).error, sizeof shared_.slot(slot).error, "%s", error.what());
        code = 2;
      }
      std::exit(code);  // as a program ends, with its handlers: a race detector or leak checker may have a say
    }
    ++running_;
  }

  std::int64_t between_faults() { return static_cast<std::int64_t>(random_() % (30 * ms)); }

  std::int64_t next_event() const {
    std::int64_t next = plan_.faults() ? next_fault_ : now_ns() + second;
    for (const Child &child : children_) {
      if (child.stopped) next = std::min(next, now_ns() + (child.stopped_in ? ms : child.resume_at - now_ns()));
    }
    return next;
  }

  static void wait_for_child(const sigset_t &set, std::int64_t ns) {
    ns = std::max<std::int64_t>(ns, 0);
    const timespec time{static_cast<time_t>(ns / second), static_cast<long>(ns % second)};
    sigtimedwait(&set, nullptr, &time);
  }

  void reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      for (std::uint32_t slot = 0; slot < plan_.contenders; ++slot) {
        if (children_[slot].pid == pid) ended(slot, status);
      }
    }
  }

  void ended(std::uint32_t slot, int status) {
    Child &child = children_[slot];
    const std::int64_t killed_at = child.killed_at;
    child.pid = 0;
    child.stopped = false;
    --running_;
    if (killed_at != 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
      const std::uint32_t holds = shared_.slot(slot).holds.load();
      if (holds != 0) {
        Hold &last = shared_.hold(slot, holds - 1);
        if (last.outcome == Outcome::open) {
          last.outcome = Outcome::killed;
          last.killed_at = killed_at;
          ++faults_.kills_of_holders;
        }
      }
      start(slot);
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      report("rest", "contender " + std::to_string(slot) + (WIFSIGNALED(status) ? " died of signal " : " exited with ") +
                         std::to_string(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)) + " " +
                         shared_.slot(slot).error);
    }
  }

  // Two of three times whoever holds; else anybody, whatever it is doing.
  std::uint32_t victim() {
    const std::uint64_t inside = board_.inside.load(relaxed);
    if (inside != 0 && random_() % 3 != 0) return Shared::slot_of(inside);
    return static_cast<std::uint32_t>(random_() % plan_.contenders);
  }

  void disturb() {
    next_fault_ = now_ns() + between_faults();
    const bool kills_left = faults_.kills_of_holders < plan_.kills;
    const bool stops_left = faults_.stops_robbed < plan_.stops;
    if (!kills_left && !stops_left) return;
    Child &child = children_[victim()];
    if (child.pid == 0 || child.stopped || child.killed_at != 0) return;
    if (kills_left && (!stops_left || random_() % 2 == 0)) {
      kill_child(child);
    } else {
      stop(static_cast<std::uint32_t>(&child - children_.data()));
    }
  }

  void kill_child(Child &child) {
    child.killed_at = now_ns();
    kill(child.pid, SIGKILL);
    ++faults_.kills;
  }

  void stop(std::uint32_t slot) {
    std::uint32_t stopped = 0;
    for (const Child &child : children_) stopped += child.stopped;
    if (stopped >= 2) return;  // somebody must be left to take over
    Child &child = children_[slot];
    kill(child.pid, SIGSTOP);
    int status = 0;
    if (waitpid(child.pid, &status, WUNTRACED) != child.pid) return;
    if (!WIFSTOPPED(status)) return ended(slot, status);
    const Phase phase = shared_.slot(slot).phase.load();
    if (phase == Phase::touching) {
      // Between its question and its answer no lease can help: only a write that the storage checks would.
      kill(child.pid, SIGCONT);
      ++faults_.stops_let_go;
      return;
    }
    ++faults_.stops;
    child.stopped = true;
    const std::int64_t now = now_ns(), lease = kind_of(plan_, slot).ttl_ms * ms;
    child.resume_at = now + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * lease));
    if (phase == Phase::holding) {
      ++faults_.stops_of_holders;
      child.stopped_in = Shared::id(slot, shared_.slot(slot).holds.load() - 1);
      child.resume_at = now + static_cast<std::int64_t>(random_() % (50 * ms));
      child.give_up_at = now + lease + 30 * second;
    }
  }

  void resume_stopped() {
    for (std::uint32_t slot = 0; slot < plan_.contenders; ++slot) {
      Child &child = children_[slot];
      if (!child.stopped) continue;
      const bool ending = board_.enough.load(relaxed);  // perhaps nobody is left to rob it
      if (!ending && now_ns() < child.resume_at) continue;
      if (!ending && child.stopped_in != 0) {
        const bool robbed = board_.inside.load(relaxed) != child.stopped_in;
        if (!robbed && now_ns() < child.give_up_at) continue;
        if (robbed) {
          ++faults_.stops_robbed;
        } else if (!kind_of(plan_, slot).renewal) {  // with renewal it may have been stopped inside the guard
          report("takeover", "nobody took over from contender " + std::to_string(slot) + ", stopped far beyond its lease");
        }
      }
      child.stopped = false;
      child.stopped_in = 0;
      if (faults_.kills_of_holders < plan_.kills && random_() % 5 == 0) {
        kill_child(child);
        ++faults_.kills_of_stopped;
      } else {
        kill(child.pid, SIGCONT);
      }
    }
  }

  bool reached() const { return faults_.kills_of_holders >= plan_.kills && faults_.stops_robbed >= plan_.stops; }

  Faults give_up() {
    report("faults", "not done after " + std::to_string(plan_.limit_s) + " s");
    for (Child &child : children_) {
      if (child.pid == 0) continue;
      kill(child.pid, SIGKILL);
      waitpid(child.pid, nullptr, 0);
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    return faults_;
  }

  Shared &shared_;
  Board &board_;
  const Plan &plan_;
  std::vector<Finding> &findings_;
  std::mt19937_64 random_;
  std::vector<Child> children_;
  std::uint32_t running_ = 0;
  std::int64_t next_fault_ = 0;
  sigset_t before_{};
  Faults faults_;
};

}  // namespace

Faults run_processes(Shared &shared, const Plan &plan, std::vector<Finding> &findings) {
  return Processes(shared, plan, findings).run();
}

}  // namespace contention
