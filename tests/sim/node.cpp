#include "node.hpp"

#include <cstring>

#include "hint.hpp"

namespace vfslock::sim {

using impl::BootTime;
using impl::WallTime;
using impl::Woke;

constexpr std::int64_t million = 1'000'000;

WallTime true_wall(Duration now) { return WallTime(seconds(1'777'888'800) + now); }

Node::Node(Loop &loop, Dice &dice, const Plan &plan, std::uint64_t index)
    : name("n" + std::to_string(index)), loop_(loop), dice_(dice) {
  // RELIABILITY §3: what counts is the rate of one clock by another, which may reach 1.33. Rates from 1/1.15 to 1.15
  // give ratios up to 1.3225; more would break what is promised, not the protocol.
  constexpr std::int64_t slowest = -130'434, fastest = 150'000;
  if (plan.kind == Kind::local) {  // processes of one machine share its clocks
    rate_ = 0;
    start_ = seconds(1000);
    wall_offset_ = {};
  } else {
    rate_ = plan.extreme_clocks ? dice.one_of<std::int64_t>({slowest, fastest})
                                : slowest + static_cast<std::int64_t>(dice.below(fastest - slowest));
    start_ = dice.between(seconds(1), seconds(1'000'000));
    wall_offset_ = dice.between(milliseconds(-500), milliseconds(500));
  }
  stop_at_clock_ = plan.stop_at_clock;
  longest_stop_ = 2 * plan.longest_lease();
}

BootTime Node::boot_at(Duration true_time) const {
  const std::int64_t t = true_time.count();
  // Split, or the product would leave 64 bits.
  return BootTime(start_ + true_time + Duration(t / million * rate_ + t % million * rate_ / million));
}

Duration Node::when(BootTime time) const {
  const std::int64_t shown = (time.time_since_epoch() - start_).count();
  if (shown >= std::int64_t{3600} * 1000 * million) return forever;
  Duration guess(shown / (million + rate_) * million);
  while (boot_at(guess) < time) guess += std::max(Duration(1), (time - boot_at(guess)) * 4 / 5);
  return guess;
}

WallTime Node::wall_shows() const {
  return true_wall({}) + (boot_shows().time_since_epoch() - start_) + wall_offset_;
}

BootTime Node::now() {
  const BootTime shown = boot_shows();
  maybe_stop();
  return shown;
}

WallTime Node::wall() {
  const WallTime shown = wall_shows();
  maybe_stop();
  return shown;
}

void Node::maybe_stop() {
  if (!loop_.current() || stop_at_clock_ == 0 || dice_.below(10'000) >= stop_at_clock_) return;
  const Duration length = dice_.chance(500) ? dice_.between({}, longest_stop_ / 8) : dice_.between({}, longest_stop_);
  stop_for(length);
  loop_.block(loop_.now() + length);
}

void Node::stop_for(Duration length) {
  if (stopped || dead) return;
  loop_.stop(*this);
  loop_.say(name, [&] { return "stopped for " + in_seconds(length) + " s"; });
  loop_.at(loop_.now() + length, [this, number = ++stop_number_] {
    if (!stopped || number != stop_number_) return;
    loop_.say(name, [] { return "goes on"; });
    loop_.go_on(*this);
  });
}

void Node::step_wall(Duration by) {
  latest_wall_ = latest_wall();
  wall_offset_ += by;
  loop_.say(name, [&] { return "its wall clock steps by " + in_seconds(by) + " s"; });
}

void Node::cut_off(Duration length) {
  loop_.say(name, [&] { return "cut off from the store for " + in_seconds(length) + " s"; });
  cut_until = loop_.now() + length;
}

void Node::heal() {
  stop_at_clock_ = 0;
  cut_until = {};
  if (stopped) loop_.go_on(*this);
}

Woke Node::sleep(BootTime until, impl::Wakeup *hint, const impl::Cancel *cancel) {
  Activity &self = *loop_.current();
  for (;;) {
    if (cancel && cancel->is_triggered()) return Woke::cancelled;
    if (hint && static_cast<Hint *>(hint)->news) return Woke::hint;
    if (boot_shows() >= until) return Woke::time;
    self.cancel = cancel;
    self.hint = hint;
    loop_.block(when(until));
    self.cancel = nullptr;
    self.hint = nullptr;
  }
}

void Node::fill(void *out, std::size_t size) {
  auto *at = static_cast<unsigned char *>(out);
  while (size > 0) {
    const std::uint64_t bits = dice_.bits();
    const std::size_t part = std::min(size, sizeof bits);
    std::memcpy(at, &bits, part);
    at += part;
    size -= part;
  }
}

}  // namespace vfslock::sim
