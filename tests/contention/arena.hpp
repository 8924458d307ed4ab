#pragma once
// Runs contenders, and disturbs them where asked: SIGKILL and SIGSTOP at random moments.
#include <cstdint>
#include <string>
#include <vector>

#include "board.hpp"
#include "contender.hpp"
#include "lockable.hpp"
#include "sweep.hpp"

namespace contention {

struct Plan {
  std::string lock = "real";
  LockKind kind;
  std::uint32_t contenders = 8;
  std::uint32_t holds = 1000;  // of each contender, at least
  bool network = false;        // leases are of whole seconds; tokens are strict in kept records only
  std::int64_t wall_spread_s = 0;  // the contenders' wall clocks lie this far before and after the true time
  std::uint32_t hold_ms = 1;   // how long each stays inside
  bool threads = false;        // of one process; they cannot be killed or stopped
  std::uint32_t kills = 0;     // of holders, at least
  std::uint32_t stops = 0;     // of holders, until they are robbed, at least
  std::uint64_t seed = 0;
  std::int64_t limit_s = 240;  // for the whole run
  bool faults() const { return kills != 0 || stops != 0; }
};

// What was done to the contenders, as far as the log does not tell.
struct Faults {
  std::uint32_t kills = 0, kills_of_holders = 0, kills_of_stopped = 0;
  std::uint32_t stops = 0, stops_of_holders = 0, stops_robbed = 0, stops_let_go = 0;
};

Faults run_threads(Shared &shared, const Plan &plan, std::vector<Finding> &findings);
Faults run_processes(Shared &shared, const Plan &plan, std::vector<Finding> &findings);

// The task and the lock of one contender. Leases differ from slot to slot where contenders are stopped.
Task task_of(const Plan &plan, std::uint32_t slot, std::uint32_t incarnation);
LockKind kind_of(const Plan &plan, std::uint32_t slot);

}  // namespace contention
