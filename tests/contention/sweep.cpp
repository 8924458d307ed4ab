#include "sweep.hpp"

#include <algorithm>
#include <cstdio>
#include <unordered_map>

#include "board.hpp"

namespace contention {

namespace {

const char *name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::open: return "open";
    case Outcome::left: return "left";
    case Outcome::lost: return "lost";
    case Outcome::missed: return "missed";
    case Outcome::killed: return "killed";
  }
  return "?";
}

Step step_of(const Hold &hold) { return hold.step.load(std::memory_order_relaxed); }
// Held for some time. Whoever woke up with nothing left was not inside, even if it was killed before it could say so.
bool entered(const Hold &hold) {
  return hold.outcome != Outcome::missed && (step_of(hold) != Step::granted || hold.deadline > hold.enter);
}

// Until when the holder believed, for certain; never later than the truth, so that no overlap is made up.
std::int64_t believed_until(const Hold &hold) {
  switch (hold.outcome) {
    // It was alive just before the signal was sent, and would have said yes until its deadline. Not until waitpid(2)
    // tells of the death: the kernel lets the lock go before that.
    case Outcome::killed: return std::max(hold.end, std::min(hold.deadline, hold.killed_at));
    // Robbed while it was stopped: a lease counts to its end, whoever sleeps.
    case Outcome::lost: return std::max(hold.end, std::min(hold.deadline, hold.told_lost));
    default: return hold.end;
  }
}

// Whether `hold` may still be in the exchange word for somebody who enters at `enter`.
bool may_be_found(const Hold &hold, std::int64_t enter) {
  if (hold.outcome == Outcome::killed && hold.killed_at <= enter) return true;
  return (hold.outcome == Outcome::killed || hold.outcome == Outcome::lost) && hold.deadline <= enter;
}

class Sweep {
 public:
  Sweep(std::vector<Entry> log, const Expectation &expect, std::vector<Finding> &findings)
      : log_(std::move(log)), expect_(expect), findings_(findings) {
    for (const Entry &entry : log_) by_id_[entry.id] = entry.hold;
    std::copy_if(log_.begin(), log_.end(), std::back_inserter(inside_), [](const Entry &e) { return entered(*e.hold); });
  }

  Summary run(std::int64_t counter) {
    count();
    intervals();
    exchange();
    if (expect_.tokens) tokens();
    check_counter(counter);
    belief_and_release();
    takeovers();
    return summary_;
  }

 private:
  void find(const char *oracle, const std::string &what, const Entry &one, const Entry *other = nullptr) {
    findings_.push_back({oracle, what + "\n    " + text_of(one) + (other ? "\n    " + text_of(*other) : "")});
  }

  void count() {
    for (const Entry &entry : log_) {
      ++summary_.holds;
      switch (entry.hold->outcome) {
        case Outcome::left: ++summary_.left; break;
        case Outcome::lost: ++summary_.lost; break;
        case Outcome::missed: ++summary_.missed; break;
        case Outcome::killed: ++summary_.killed; break;
        case Outcome::open: find("rest", "a hold never ended", entry);
      }
    }
  }

  void intervals() {
    const Entry *last = nullptr;  // who believed longest so far
    for (const Entry &entry : inside_) {
      if (last && entry.hold->enter < believed_until(*last->hold)) {
        find("intervals", "two held at once, for " + std::to_string(believed_until(*last->hold) - entry.hold->enter) +
             " ns", *last, &entry);
      }
      if (!last || believed_until(*entry.hold) > believed_until(*last->hold)) last = &entry;
    }
  }

  void exchange() {
    for (const Entry &entry : inside_) {
      const Hold &hold = *entry.hold;
      if (step_of(hold) != Step::exchanging && hold.found != 0) {
        const auto found = by_id_.find(hold.found);
        if (found == by_id_.end()) {
          find("exchange", "found what nobody put there: " + std::to_string(hold.found), entry);
        } else if (!may_be_found(*found->second, hold.enter)) {
          const Entry other{found->second, hold.found};
          find("exchange", "found somebody inside on entering", entry, &other);
        }
      }
      if (hold.swapped != 0) find("exchange", "somebody else was inside on leaving", entry);
      if (hold.touched > hold.deadline) {
        find("rest", "not a fault of the lock: the machine took longer than the lease over two steps, use longer leases",
             entry);
      }
    }
  }

  void tokens() {
    for (std::size_t i = 1; i < inside_.size(); ++i) {
      if (inside_[i].hold->token <= inside_[i - 1].hold->token) {
        find("tokens", "a later hold has no greater token", inside_[i - 1], &inside_[i]);
      }
    }
  }

  void check_counter(std::int64_t counter) {
    const auto torn = std::count_if(log_.begin(), log_.end(), [](const Entry &entry) {
      return entry.hold->outcome == Outcome::killed && step_of(*entry.hold) == Step::writing;
    });
    if (counter < summary_.left || counter > summary_.left + torn) {
      findings_.push_back({"counter", "the counter says " + std::to_string(counter) + " after " +
                                          std::to_string(summary_.left) + " holds"});
    }
  }

  void belief_and_release() {
    for (const Entry &entry : log_) {
      const Hold &hold = *entry.hold;
      const bool gone = hold.outcome == Outcome::lost || hold.outcome == Outcome::missed;
      if (gone && hold.told_lost < hold.deadline) find("belief", "lost before its lease was over", entry);
      if (gone && !expect_.faults) find("belief", "lost, though nobody disturbed it", entry);
      if (gone && hold.released != 0 && hold.release_status == 0) find("release", "released what it had lost", entry);
      const bool untold = expect_.network && expect_.faults && hold.release_status / 100 == -7;  // UNAVAILABLE, UNKNOWN_OUTCOME
      if (hold.outcome == Outcome::left && hold.released != 0 && hold.release_status != 0 && !untold &&
          (!expect_.faults || hold.released < hold.deadline)) {
        find("release", "release said " + std::to_string(hold.release_status), entry);
      }
    }
  }

  // Who was killed while it held was followed by somebody.
  void takeovers() {
    for (std::size_t i = 0; i < inside_.size(); ++i) {
      const Hold &hold = *inside_[i].hold;
      const Hold *next = i + 1 < inside_.size() ? inside_[i + 1].hold : nullptr;
      if (hold.outcome == Outcome::killed) {
        if (!next) {
          find("takeover", "nobody came after it", inside_[i]);
        } else {
          ++summary_.takeovers;
          summary_.takeover_ns.push_back(next->enter - std::max(hold.killed_at, hold.enter));
        }
      } else if (hold.outcome == Outcome::lost && next && next->enter < hold.told_lost) {
        ++summary_.robbed;
      }
    }
  }

  std::vector<Entry> log_, inside_;
  const Expectation &expect_;
  std::vector<Finding> &findings_;
  std::unordered_map<std::uint64_t, const Hold *> by_id_;
  Summary summary_;
};

}  // namespace

std::vector<Entry> log_of(Shared &shared) {
  std::vector<Entry> log;
  for (std::uint32_t slot = 0; slot < shared.board().slots; ++slot) {
    const std::uint32_t count = shared.slot(slot).holds.load();
    for (std::uint32_t i = 0; i < count; ++i) log.push_back({&shared.hold(slot, i), Shared::id(slot, i)});
  }
  std::sort(log.begin(), log.end(), [](const Entry &a, const Entry &b) { return a.hold->enter < b.hold->enter; });
  return log;
}

Summary sweep(std::vector<Entry> log, std::int64_t counter, const Expectation &expect,
              std::vector<Finding> &findings) {
  return Sweep(std::move(log), expect, findings).run(counter);
}

std::string text_of(const Entry &entry) {
  const Hold &h = *entry.hold;
  char text[400];
  std::snprintf(text, sizeof text,
                "slot %u hold %u pid %d: %s at step %d; enter %lld end +%lld deadline +%lld told +%lld killed +%lld "
                "released +%lld status %d; token %lld found %llx",
                Shared::slot_of(entry.id), Shared::index_of(entry.id), h.pid, name_of(h.outcome),
                static_cast<int>(step_of(h)), static_cast<long long>(h.enter), static_cast<long long>(h.end - h.enter),
                static_cast<long long>(h.deadline - h.enter),
                static_cast<long long>(h.told_lost ? h.told_lost - h.enter : 0),
                static_cast<long long>(h.killed_at ? h.killed_at - h.enter : 0),
                static_cast<long long>(h.released ? h.released - h.enter : 0), h.release_status,
                static_cast<long long>(h.token), static_cast<unsigned long long>(h.found));
  return text;
}

}  // namespace contention
