#include "lock/acquire.hpp"

#include <new>

#include "lock/attempt.hpp"
#include "lock/backoff.hpp"

namespace vfslock::impl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Nothing is written before all of this holds.
Result<Done> check_options(const Options &options, const Guarantee &guarantee) {
  if (guarantee.level < options.required)
    return Error{Status::BELOW_GUARANTEE, "the storage guarantees less than required: " + guarantee.how};
  return check_lease(options.lease, options.renewal, guarantee);
}

Error refused(const Judgement &judgement, bool tried_once) {
  if (judgement.standing == Standing::corrupt)
    return {Status::CORRUPT_RECORD, judgement.why + "; it counts as held until it is broken explicitly", {}, {}, judgement.bytes};
  const Status status = tried_once ? Status::HELD : Status::TIMEOUT;
  const std::string why = judgement.why.empty() ? "it changed hands at each look" : judgement.why;
  return {status, std::string(status_message(static_cast<std::int32_t>(status))) + ": " + why, {}, {}, judgement.bytes};
}

// How long to sleep when nothing is announced (R21). Who is told of changes looks in case that one was not told.
Backoff polling(const Judgement &judgement, const Guarantee &guarantee, bool hinted) {
  Duration cap = seconds(10);
  if (guarantee.shared_clock) cap = hinted ? seconds(10) : seconds(1);
  else if (judgement.record && !judgement.record->foreign() && judgement.record->lease != Duration::zero())
    cap = std::min<Duration>(cap, observer_lease(*judgement.record, guarantee) / 3);
  const Duration first = !guarantee.shared_clock ? milliseconds(50) : hinted ? seconds(1) : milliseconds(1);
  return Backoff(first, cap);
}

// What a row of polls is for.
struct Polled {
  std::string holder;
  bool hinted = false;
  bool operator==(const Polled &) const = default;
};

class Acquisition {
 public:
  Acquisition(const Target &target, const Options &options, Handlers &handlers, const Wait &wait, Guarantee guarantee)
      : target_(target),
        guarantee_(guarantee),
        handlers_(handlers),
        wait_(wait),
        started_(target.clock->now()),
        deadline_(wait.limit ? saturating_add(started_, *wait.limit) : never),
        attempt_(target, options, guarantee, wait.cancel, deadline_),
        options_(options) {}

  Result<std::unique_ptr<Holder>> run();
  void withdraw() noexcept { attempt_.withdraw(); }

 private:
  bool tried_once() const { return wait_.limit == Duration::zero(); }
  Result<Attempt::Outcome> create();
  Result<Attempt::Outcome> step(Look &there, Judgement &judgement);
  Result<Look> look();
  Result<Judgement> judged(Look &look);
  Result<bool> may_replace(const Judgement &judgement);
  Result<Done> pause(const Judgement &judgement);
  Result<Done> pause_after(const Error &error);
  Error give_in(const Judgement &judgement, bool tried_once);

  const Target &target_;
  Guarantee guarantee_;
  Handlers &handlers_;
  Wait wait_;
  BootTime started_;
  BootTime deadline_;
  Attempt attempt_;
  const Options &options_;
  std::unique_ptr<Wakeup> hint_;
  std::optional<Backoff> poll_;
  Polled polled_;
  int vain_creates_ = 0;  // in a row: refused, and then nothing was there
  std::optional<BootTime> corrupt_since_;
};

// The hint is armed before the look that may decide to sleep, or a change between the two would be lost.
Result<Look> Acquisition::look() {
  target_.store->arm(target_.key, hint_);
  if (hint_) hint_->drain();
  return target_.store->get(target_.key, Reading::hint, attempt_.call());
}

// A look may be a mix of two writes, which is no damage: what cannot be read is read again, exactly (R12).
Result<Judgement> Acquisition::judged(Look &look) {
  const auto judge_it = [&] {
    const Moment moment{target_.clock->now(), target_.clock->wall()};
    Judgement out = judge(look, moment, guarantee_, target_.identity(), *target_.observations);
    const bool adoptable = options_.adopt_empty && out.standing == Standing::corrupt && out.bytes.empty() && look->life != Life::alive;
    return adoptable ? judge_empty(std::move(out), moment, options_.lease) : out;
  };
  Judgement first = judge_it();
  if (!look || first.record) return first;
  auto exact = target_.store->get(target_.key, Reading::exact, attempt_.call());
  if (!exact) return exact.error();
  look = std::move(*exact);
  return judge_it();
}

Result<bool> Acquisition::may_replace(const Judgement &judgement) {
  if (judgement.standing == Standing::released) return true;
  if (judgement.standing != Standing::stale || !allows(options_.steal, judgement.evidence)) return false;
  auto verdict = handlers_.stale(judgement);
  if (!verdict) return verdict.error();
  if (*verdict == Verdict::veto)
    return Error{Status::VETOED, "the stale handler refused to replace the lock: " + judgement.why, {}, {}, judgement.bytes};
  return *verdict == Verdict::steal;
}

Result<std::unique_ptr<Holder>> Acquisition::run() {
  constexpr int most_rounds_of_a_try = 8;  // each is a change of hands between two requests
  Look there;
  Judgement judgement;
  for (int round = 0;; ++round) {
    if (tried_once() && round == most_rounds_of_a_try) return refused(judgement, true);
    auto next = step(there, judgement);
    if (!next) {
      if (auto paused = pause_after(next.error()); !paused) return paused.error();
      there.reset();  // and create again, which is how a free lock is taken with one request
      continue;
    }
    if (next->holder) return std::move(next->holder);
    there = std::move(next->there);
  }
}

// A refused create whose object is then gone means free, so it is tried again at once; not for ever, should the
// storage refuse for another reason.
Result<Attempt::Outcome> Acquisition::create() {
  constexpr int patience = 3;
  auto outcome = attempt_.create();
  if (!outcome || outcome->holder || outcome->there) vain_creates_ = 0;
  else if (++vain_creates_ > patience)
    return Error{Status::UNAVAILABLE, "the storage refuses to create the lock's record, although nothing is there"};
  return outcome;
}

// One write, or one sleep and one look; returns the lock or what stands there now.
Result<Attempt::Outcome> Acquisition::step(Look &there, Judgement &judgement) {
  if (!there) return create();  // optimistic
  if (auto own = attempt_.own(*there)) return std::move(*own);
  auto judged_now = judged(there);
  if (!judged_now) return judged_now.error();
  if (!there) return Attempt::Outcome{};
  judgement = std::move(*judged_now);
  auto replace = may_replace(judgement);
  if (!replace) return replace.error();
  // A released record may be replaced whoever has a copy of its proof of life; a dead holder's only where nobody lives.
  const bool dead = judgement.evidence == Evidence::dead || judgement.evidence == Evidence::power_loss;
  if (*replace) return attempt_.replace(judgement, dead ? Step::begin : Step::seize);
  if (tried_once()) return give_in(judgement, true);
  if (auto paused = pause(judgement); !paused) return paused.error();
  auto seen = look();
  if (!seen) return seen.error();
  return Attempt::Outcome{nullptr, std::move(*seen)};
}

Error Acquisition::give_in(const Judgement &judgement, bool tried_once) {
  if (judgement.stale_at != never) target_.observations->remember(target_.identity(), judgement.version);
  return refused(judgement, tried_once);
}

// Sleeps until the lock may have changed. OK: look again.
Result<Done> Acquisition::pause(const Judgement &judgement) {
  constexpr Duration patience = seconds(2);  // another tool's writer that is not atomic may still be at work
  Clock &clock = *target_.clock;
  const BootTime now = clock.now();
  if (judgement.standing != Standing::corrupt) corrupt_since_.reset();
  else if (!corrupt_since_) corrupt_since_ = now;
  if (now >= deadline_) return give_in(judgement, false);
  if (corrupt_since_ && now - *corrupt_since_ >= patience) return refused(judgement, false);

  auto go_on = handlers_.waiting(judgement, now - started_);
  if (!go_on) return go_on.error();
  if (!*go_on) return Error{Status::CANCELLED, "the waiting handler ended the wait", {}, {}, judgement.bytes};

  // Where the lock changes hands, it may do so again soon. A renewal is no such change. The first pause has no hint yet.
  const bool ours = judgement.record && !judgement.record->foreign();
  const Polled now_polled{ours ? judgement.record->lock_id : judgement.version.id, hint_ != nullptr};
  if (!poll_ || polled_ != now_polled) poll_ = polling(judgement, guarantee_, now_polled.hinted);
  polled_ = now_polled;
  Duration sleep = poll_->next(*target_.random);
  if (handlers_.watches()) sleep = std::min<Duration>(sleep, seconds(1));
  if (hint_)
    if (auto soon = hint_->look_again()) sleep = std::min(sleep, *soon);
  const BootTime until = std::min({saturating_add(now, sleep), judgement.stale_at, deadline_});
  if (clock.sleep(until, hint_.get(), wait_.cancel) == Woke::cancelled)
    return Error{Status::CANCELLED, "the wait was cancelled", {}, {}, judgement.bytes};
  return Done{};
}

// A storage that cannot be reached for a moment does not end a wait that has time left, nor does a grant that was told
// too late and has been given back.
Result<Done> Acquisition::pause_after(const Error &error) {
  Clock &clock = *target_.clock;
  const BootTime now = clock.now();
  const bool passes = error.status == Status::UNAVAILABLE || error.status == Status::LOST;
  if (tried_once() || !passes || now >= deadline_) return error;
  if (!poll_) poll_ = polling({}, guarantee_, false);
  const Duration sleep = std::max(poll_->next(*target_.random), error.retry_after.value_or(Duration::zero()));
  if (saturating_add(now, sleep) >= deadline_) return error;
  if (error.status == Status::LOST) attempt_.start_anew();
  if (clock.sleep(saturating_add(now, sleep), nullptr, wait_.cancel) == Woke::cancelled)
    return Error{Status::CANCELLED, "the wait was cancelled"};
  return Done{};
}

}  // namespace

Result<Done> check_lease(Duration lease, bool renewal, const Guarantee &guarantee) {
  constexpr Duration most = std::chrono::hours(24);
  const Duration least = renewal ? std::max<Duration>(guarantee.min_ttl, seconds(1)) : guarantee.min_ttl;
  if (lease == Duration::zero() || (lease >= least && lease <= most)) return Done{};
  const auto ms = [](Duration d) { return std::to_string(std::chrono::duration_cast<milliseconds>(d).count()); };
  return Error{Status::INVALID_ARGUMENT, "a TTL of " + ms(lease) + " ms cannot be kept here: it must be 0 (never expires) or " +
                                             ms(least) + " to " + ms(most) + " ms" +
                                             (renewal && guarantee.min_ttl < seconds(1) ? " while it is renewed in the background" : "")};
}

Result<std::unique_ptr<Holder>> acquire(const Target &target, const Options &options, Handlers &handlers, const Wait &wait) {
  const BootTime now = target.clock->now();
  // A network storage may have to try what its server really does, once: some dozen requests (BACKENDS §0).
  auto guarantee = target.store->guarantee({now + seconds(60), wait.cancel});
  if (!guarantee) return guarantee.error();
  if (auto checked = check_options(options, *guarantee); !checked) return checked.error();
  Acquisition acquisition(target, options, handlers, wait, *guarantee);
  try {
    return acquisition.run();
  } catch (const std::bad_alloc &) {
    acquisition.withdraw();
    throw;
  }
}

Result<Inspection> inspect(const Target &target, const Call &call) {
  auto guarantee = target.store->known_guarantee(call);
  if (!guarantee) return guarantee.error();
  auto look = target.store->get(target.key, Reading::exact, call);
  if (!look) return look.error();
  Judgement judged = judge(*look, {target.clock->now(), target.clock->wall()}, *guarantee, target.identity(), *target.observations);
  if (judged.stale_at != never) target.observations->remember(target.identity(), judged.version);
  return Inspection{std::move(judged), std::move(*guarantee)};
}

}  // namespace vfslock::impl
