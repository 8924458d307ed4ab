#include "lock/keep.hpp"

#include <exception>
#include <new>

namespace vfslock::impl {

Care::Care(const Holder &holder, bool renewal, Random &random) : renewal_(renewal), random_(random) {
  renewed(holder, holder.target().clock->now());
}

void Care::renewed(const Holder &holder, BootTime sent) {
  retry_.reset();
  const Duration lease = holder.record()->lease;
  if (!renewal_ || lease == Duration::zero()) next_ = never;
  else next_ = saturating_add(sent, between(random_, lease / 3 - lease / 30, lease / 3));  // R21
}

BootTime Care::due(Holder &holder) const {
  const State state = holder.state();
  if (state == State::lost || state == State::released) return BootTime{};
  return std::min(next_, holder.belief().deadline());
}

// Nobody waits for this renewal, so what its caller would be told by an exception is a cause like others.
static Result<Duration> attempt(Holder &holder, const Call &call) {
  try {
    return holder.renew(std::nullopt, call);
  } catch (const Failure &failure) {
    return failure.error;
  } catch (const std::bad_alloc &) {
    return Error{Status::NO_MEMORY, {}};
  } catch (const std::exception &) {
    return Error{Status::INTERNAL, {}};
  }
}

Care::Tended Care::tend(Holder &holder, const Cancel *cancel) {
  const State state = holder.state();
  if (state == State::lost) return {News::lost, holder.lost_error()};
  if (state == State::released) return {};
  Clock &clock = *holder.target().clock;
  const BootTime sent = clock.now();
  if (sent < next_) return {};

  const Duration lease = holder.record()->lease;
  auto left = attempt(holder, {sent + request_time(lease, holder.guarantee()), cancel});
  if (left) {
    renewed(holder, sent);
    return {};
  }
  if (holder.state() == State::lost) return {News::lost, holder.lost_error()};
  const bool first = !retry_;
  if (first) retry_.emplace(std::min<Duration>(std::chrono::milliseconds(100), lease / 60), std::max(Duration(1), lease / 12));
  const BootTime now = clock.now();
  const BootTime last_chance = holder.belief().deadline() - lease / 6;
  next_ = saturating_add(now, retry_->next(random_));
  // F20: a pause that the storage asks for is kept, but one more attempt is made while its answer still counts.
  if (auto asked = left.error().retry_after; asked && now < last_chance)
    next_ = std::clamp(saturating_add(now, *asked), next_, std::max(next_, last_chance));
  if (!first || left.error().status == Status::CANCELLED) return {};
  return {News::at_risk, left.error()};
}

}  // namespace vfslock::impl
