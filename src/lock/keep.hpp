#pragma once
// What is due for a lock in the background: renewals at a third of the lease, retries while time is left, warning
// before loss. Straight-line; the runtime's keeper and the simulator call it when its time has come.
#include <optional>

#include "lock/backoff.hpp"
#include "lock/holder.hpp"

namespace vfslock::impl {

class Care {
 public:
  Care(const Holder &holder, bool renewal, Random &random);

  enum class News { none, at_risk, lost };
  struct Tended {
    News news = News::none;
    std::optional<Error> cause;  // at_risk, lost
  };
  // One step: notices the end of the lease, renews where that is due. At most one request.
  Tended tend(Holder &holder, const Cancel *cancel);

  // When the next step is due; `never` when nothing is.
  BootTime due(Holder &holder) const;
  void renewed(const Holder &holder, BootTime sent);  // somebody renewed by hand
  void hurry() { if (renewal_) next_ = BootTime{}; }  // suspect (R15): one renewal decides

 private:
  bool renewal_;
  Random &random_;
  BootTime next_ = never;
  std::optional<Backoff> retry_;  // set during a bad spell: one warning for each
};

}  // namespace vfslock::impl
