#pragma once
// Counts of what really happened. A fault that changed nothing proves nothing, so a run in which a kind never
// happened has failed.
#include <array>
#include <cstdint>
#include <string>

namespace vfslock::sim {

#define SIM_COUNTS(X)                                                                        \
  X(grants, "acquisitions that got the lock")                                                \
  X(renewals, "renewals that succeeded")                                                     \
  X(shortened, "renewals that succeeded with a shorter lease")                               \
  X(checks, "checks that answered held")                                                     \
  X(releases, "releases that succeeded")                                                     \
  X(abandoned, "handles dropped without a release")                                          \
  X(refused, "tries that ended with HELD")                                                   \
  X(timed_out, "waits that ended with TIMEOUT")                                              \
  X(cancelled, "acquisitions that ended with CANCELLED")                                     \
  X(keep_grants, "grants of a record that keeps its token")                                  \
  X(endless_grants, "grants without a TTL")                                                  \
  X(steals, "held records replaced by another tenure")                                       \
  X(taken_from_dead, "of these: the kernel said that the holder was dead")                   \
  X(dropped, "requests that never landed")                                                   \
  X(answer_lost, "writes that landed, the answer lost")                                      \
  X(late_landed, "writes that took effect after their sender gave up")                       \
  X(late_refused, "writes that were refused after their sender gave up")                     \
  X(reordered, "writes that landed before an earlier write of the same process")             \
  X(twice_refused, "second copies of a write that were refused")                             \
  X(twice_landed, "copies of a create that took effect again after a release")              \
  X(echoes, "refusals told to the sender of a write that had landed")                        \
  X(conflicts, "refusals told although the condition held")                                  \
  X(busy, "requests that the store turned away")                                             \
  X(cut_off, "requests sent while the node was cut off")                                     \
  X(poisons, "released records that stopped a request still on its way")                     \
  X(stopped_past_deadline, "holders stopped beyond their deadline")                          \
  X(woken_robbed, "of these: the lock was another's when they woke")                         \
  X(crashed_holding, "holders that crashed")                                                 \
  X(crashed_sending, "processes that crashed with a write on its way")                       \
  X(wall_steps, "steps of a wall clock while a lock was held")                               \
  X(suspects, "holders that noticed a clock step")                                           \
  X(cleared, "suspects that a renewal made holders again")                                   \
  X(lost_expired, "locks lost: expired")                                                     \
  X(lost_unreachable, "locks lost: storage unreachable")                                     \
  X(at_risk, "warnings that renewals fail")                                                  \
  X(foreign_honoured, "waits for another program's record")                                  \
  X(foreign_taken, "another program's records replaced when their TTL was over")             \
  X(broken, "records without a TTL that the operator broke")

enum class Count : std::size_t {
#define SIM_COUNT(name, text) name,
  SIM_COUNTS(SIM_COUNT)
#undef SIM_COUNT
      number
};

struct Tally {
  std::array<std::uint64_t, static_cast<std::size_t>(Count::number)> counts{};

  void operator()(Count what) { ++counts[static_cast<std::size_t>(what)]; }
  std::uint64_t of(Count what) const { return counts[static_cast<std::size_t>(what)]; }
  std::string table() const;
  std::string missing() const;  // kinds that never happened, one in a line
};

}  // namespace vfslock::sim
