#pragma once
// One tenure that was granted: renew, check, release.
#include <algorithm>
#include <memory>
#include <optional>

#include "lock/belief.hpp"
#include "lock/journal.hpp"
#include "lock/lock.hpp"

namespace vfslock::impl {

// What a landed grant consists of.
struct Grant {
  std::shared_ptr<const Record> record;
  Version version;
  TenurePtr tenure;
  BootTime began;  // on the boot clock; record->created tells the same moment by the wall clock
  BootTime sent;
  bool resumed = false;  // nothing has landed of this handle yet: its first renewal decides
};

class Holder {
 public:
  Holder(Target target, Guarantee guarantee, Journal journal, Grant grant);

  // Any thread, at any time, no I/O (R14).
  State state();
  bool is_held() { return state() == State::held; }
  Duration remaining();  // 0 when not held, Duration::max() when no time ends it
  Loss loss() const { return belief_.loss(); }
  Belief &belief() { return belief_; }

  // One of these at a time (R10), and no other thread reads the record meanwhile.
  Result<Duration> renew(std::optional<Duration> lease, const Call &call);
  Result<Duration> check(const Call &call);
  Result<Done> release(const Call &call);
  Result<Done> displace(const Call &call);  // R13: a released record over what stands there, whoever holds it

  const std::shared_ptr<const Record> &record() const { return record_; }  // as it was last written
  const Guarantee &guarantee() const { return guarantee_; }
  const Target &target() const { return target_; }
  TenurePtr &tenure() { return tenure_; }
  Error lost_error() const;

 private:
  Call request(const Call &call) const;
  Record next_form(Duration lease) const;
  Write write_of(const Record &record) const;
  Result<Put> send(const Write &write, const Call &call);
  Result<Look> look_back(const Result<Put> &put, const Call &call);
  Result<Done> settle(const Look &look, const ReadBack &back);
  void adopt(Version version, std::shared_ptr<const Record> record);
  Result<Duration> extend(BootTime sent, Duration lease);
  Result<Duration> left();
  Error unless_lost(Error cause);
  Result<Done> give_back(const Call &call, bool overwrite);
  Result<Done> give_back(const Call &call);
  Result<Done> gone();

  Target target_;
  Guarantee guarantee_;
  Journal journal_;
  std::shared_ptr<const Record> record_;
  Version version_;
  TenurePtr tenure_;
  BootTime began_;
  Belief belief_;
  BootTime valid_until_{};  // what the deadline was when a release stopped belief
  bool leaving_ = false;    // a release was begun and its outcome is not known
};

// Of a put that may be anything but landed: its outcome as an error, and at least the pause that the storage asked for.
Error cause_of(const Result<Put> &put);
inline Duration pause_after(const Result<Put> &put, Duration pause) {
  return std::max(pause, cause_of(put).retry_after.value_or(Duration::zero()));
}

}  // namespace vfslock::impl
