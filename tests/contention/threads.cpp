#include <thread>

#include "arena.hpp"

namespace contention {

Task task_of(const Plan &plan, std::uint32_t slot, std::uint32_t incarnation) {
  Task task;
  task.slot = slot;
  task.holds = plan.holds;
  task.until_enough = plan.faults();
  task.long_holds = plan.stops != 0 && kind_of(plan, slot).renewal;
  task.hold_ms = plan.hold_ms;
  task.seed = plan.seed * 1'000'003 + slot * 1009 + incarnation;
  return task;
}

LockKind kind_of(const Plan &plan, std::uint32_t slot) {
  LockKind kind = plan.kind;
  if (plan.stops != 0) {
    // The shortest that the keeper takes, and a quarter of it: who robs must go by the lease of the record (F24).
    kind.renewal = slot % 4 == 0;
    kind.ttl_ms = plan.network ? (kind.renewal ? 4000 : 3000) : (kind.renewal ? 1000 : 250);
  }
  return kind;
}

Faults run_threads(Shared &shared, const Plan &plan, std::vector<Finding> &) {
  std::vector<std::thread> threads;
  for (std::uint32_t slot = 0; slot < plan.contenders; ++slot) {
    threads.emplace_back([&shared, &plan, slot] {
      const auto lock = make_lock(plan.lock, kind_of(plan, slot), slot);
      contend(shared, task_of(plan, slot, 0), *lock);
    });
  }
  for (std::thread &thread : threads) thread.join();
  return {};
}

}  // namespace contention
