#pragma once
// Counts of what really happened. A fault that changed nothing proves nothing, so a run in which a kind never
// happened has failed.
#include <array>
#include <cstdint>
#include <string>

namespace vfslock::sim {

// Name, in how many seeds it must have happened, and what it is for people.
#define SIM_COUNTS(X)                                                                           \
  X(grants, 100, "acquisitions that got the lock")                                              \
  X(renewals, 100, "renewals that succeeded")                                                   \
  X(shortened, 100, "renewals that succeeded with a shorter lease")                             \
  X(checks, 100, "checks that answered held")                                                   \
  X(releases, 100, "releases that succeeded")                                                   \
  X(abandoned, 100, "handles dropped without a release")                                        \
  X(refused, 100, "tries that ended with HELD")                                                 \
  X(timed_out, 100, "waits that ended with TIMEOUT")                                            \
  X(cancelled, 100, "acquisitions that ended with CANCELLED")                                   \
  X(keep_grants, 100, "grants of a record that keeps its token")                                \
  X(endless_grants, 1000, "grants without a TTL")                                               \
  X(steals, 100, "held records replaced by another tenure")                                     \
  X(taken_from_dead, 100, "of these: the kernel said that the holder was dead")                 \
  X(dropped, 100, "requests that never landed")                                                 \
  X(answer_lost, 100, "writes that landed, the answer lost")                                    \
  X(late_landed, 100, "writes that took effect after their sender gave up")                     \
  X(late_refused, 100, "writes that were refused after their sender gave up")                   \
  X(reordered, 100, "writes that landed before an earlier write of the same process")           \
  X(twice_refused, 100, "second copies of a write that were refused")                           \
  X(twice_landed, 1000, "copies of a create that took effect again after a release")            \
  X(echoes, 100, "refusals told to the sender of a write that had landed")                      \
  X(conflicts, 100, "refusals told although the condition held")                                \
  X(unclear, 100, "answers of S3 that say nothing (5xx, 429)")                                  \
  X(denied, 1000, "removals that S3's policy denied")                                           \
  X(busy, 100, "requests that the store turned away")                                           \
  X(cut_off, 100, "requests sent while the node was cut off")                                   \
  X(poisons, 1000, "released records that stopped a request still on its way")                  \
  X(stopped_past_deadline, 100, "holders stopped beyond their deadline")                        \
  X(woken_robbed, 100, "of these: the lock was another's when they woke")                       \
  X(crashed_holding, 100, "holders that crashed")                                               \
  X(crashed_sending, 100, "processes that crashed with a write on its way")                     \
  X(wall_steps, 100, "steps of a wall clock while a lock was held")                             \
  X(suspects, 1000, "holders that noticed a clock step")                                        \
  X(cleared, 1000, "suspects that a renewal made holders again")                                \
  X(lost_expired, 100, "locks lost: expired")                                                   \
  X(lost_unreachable, 100, "locks lost: storage unreachable")                                   \
  X(at_risk, 100, "warnings that renewals fail")                                                \
  X(foreign_honoured, 100, "waits for another program's record")                                \
  X(foreign_taken, 1000, "another program's records replaced when their TTL was over")          \
  X(broken, 1000, "records without a TTL that the operator broke")

enum class Count : std::size_t {
#define SIM_COUNT(name, seeds, text) name,
  SIM_COUNTS(SIM_COUNT)
#undef SIM_COUNT
      number
};

struct Tally {
  std::array<std::uint64_t, static_cast<std::size_t>(Count::number)> counts{};

  void operator()(Count what) { ++counts[static_cast<std::size_t>(what)]; }
  std::uint64_t of(Count what) const { return counts[static_cast<std::size_t>(what)]; }
  std::string table() const;
  std::string missing(std::uint64_t seeds) const;  // what must have happened in so many seeds, one in a line
};

}  // namespace vfslock::sim
