#pragma once
// One acquisition's writes: a conditional write is sent, its outcome resolved (R6), and given up cleanly (R7).
#include <memory>
#include <optional>

#include "lock/holder.hpp"

namespace vfslock::impl {

class Attempt {
 public:
  // `until`: when the acquisition ends; an unknown outcome is still resolved for one request's time after it.
  Attempt(const Target &target, const Options &options, const Guarantee &guarantee, const Cancel *cancel, BootTime until);

  // Either the lock, or what stands there instead.
  struct Outcome {
    std::unique_ptr<Holder> holder;
    Look there;
  };
  Result<Outcome> create();
  Result<Outcome> replace(const Judgement &judged, Step step);

  // What an earlier write of this acquisition has left there after all: a create lands late where somebody else held
  // and released meanwhile (F02: never held by oneself). nullopt: it is somebody else's.
  std::optional<Result<Outcome>> own(const Seen &there);

  // Another tenure, with a lockId of its own (R8). What was given back may still have a removal on its way, so nothing
  // of it may be taken for a grant any more.
  void start_anew();

  // F34: nothing half held where the memory ended on the way. Best effort, as there is little to do it with.
  void withdraw() noexcept;

  Call call() const;  // R11: for one request of this acquisition

 private:
  Result<Outcome> commit(const Condition &condition, Step step, Record new_form, std::optional<std::int64_t> previous);
  Result<Outcome> won(std::shared_ptr<const Record> record, const Version &version, BootTime sent);
  Result<Outcome> give_up(const Condition &condition, const Record &form, std::optional<std::int64_t> previous, Error cause);
  void give_back(const Call &call);
  Record form(const Record *previous) const;
  // One write's record, its bytes without a token where they were asked for, and its bytes once the token is known.
  struct Granted {
    Record record;
    std::string blank;
    std::string bytes;
  };
  Write grant(const std::shared_ptr<Granted> &granted, std::optional<std::int64_t> previous) const;

  const Target &target_;
  const Options &options_;
  Guarantee guarantee_;
  const Cancel *cancel_;
  BootTime until_;
  Journal journal_;
  TenurePtr tenure_;
};

// RELIABILITY §6: the token of a grant that read `previous` (nullopt: no token was read).
std::int64_t next_token(std::optional<std::int64_t> previous, bool record_stays, std::optional<std::int64_t> floor_us);

}  // namespace vfslock::impl
