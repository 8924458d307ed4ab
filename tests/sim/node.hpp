#pragma once
// One process with its own clock: what the core sees as Clock and Random.
#include "lock/observations.hpp"
#include "loop.hpp"
#include "plan.hpp"
#include "tally.hpp"

namespace vfslock::sim {

class Node final : public Process, public impl::Clock, public impl::Random {
 public:
  Node(Loop &loop, Dice &dice, const Plan &plan, std::uint64_t index);

  // The core's view, from within an activity. A process may be stopped between reading a clock and using it.
  impl::BootTime now() override;
  impl::WallTime wall() override;
  impl::Woke sleep(impl::BootTime until, impl::Wakeup *hint, const impl::Cancel *cancel) override;
  void fill(void *out, std::size_t size) override;

  // The simulator's view: what this node's clocks show at this true time; reading them changes nothing.
  impl::BootTime boot_shows() const { return boot_at(loop_.now()); }
  impl::WallTime wall_shows() const;
  Duration when(impl::BootTime time) const;  // the true time at which its boot clock will show `time`, or forever

  void stop_for(Duration length);
  void step_wall(Duration by);
  void cut_off(Duration length);  // from the store: requests that it sends from now on
  void heal();
  impl::WallTime latest_wall() const { return std::max(latest_wall_, wall_shows()); }  // that it ever showed

  const std::string name;
  impl::Observations observations;  // of the whole process
  Duration cut_until{};

 private:
  impl::BootTime boot_at(Duration true_time) const;
  void maybe_stop();

  Loop &loop_;
  Dice &dice_;
  std::int64_t rate_;  // millionths that this clock is faster than true time
  Duration start_;     // what it showed when the run began
  Duration wall_offset_;
  impl::WallTime latest_wall_{};
  std::uint64_t stop_at_clock_;  // for each 10,000 readings
  Duration longest_stop_;
  std::uint64_t stop_number_ = 0;
};

// The true wall time at which a run begins.
impl::WallTime true_wall(Duration now);

}  // namespace vfslock::sim
