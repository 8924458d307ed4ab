#include "lock/holder.hpp"

namespace vfslock::impl {

Holder::Holder(Target target, Guarantee guarantee, Journal journal, Grant grant)
    : target_(std::move(target)),
      guarantee_(std::move(guarantee)),
      journal_(std::move(journal)),
      record_(std::move(grant.record)),
      version_(std::move(grant.version)),
      tenure_(record_->detached ? nullptr : std::move(grant.tenure)),  // a detached tenure outlives its process
      began_(grant.began),
      belief_(holder_deadline(grant.sent, record_->lease, guarantee_), target_.clock->now(), target_.clock->wall(),
              record_->lease) {
  // R4: the process's own writes are observations too, so that its expired lock is taken at the first try.
  target_.observations->wrote(target_.identity(), version_, target_.clock->now());
  if (grant.resumed) belief_.doubt();
}

State Holder::state() { return belief_.state(target_.clock->now(), target_.clock->wall()); }

Duration Holder::remaining() {
  if (!is_held()) return Duration::zero();
  const BootTime deadline = belief_.deadline();
  if (deadline == never) return Duration::max();
  return std::max(Duration::zero(), deadline - target_.clock->now());
}

Error Holder::lost_error() const {
  switch (loss()) {
    case Loss::replaced: return {Status::LOST, "the lock was lost: another record stands in its place"};
    case Loss::removed: return {Status::LOST, "the lock was lost: its record was removed"};
    case Loss::unreachable: return {Status::LOST, "the lock was lost: the storage could not be reached until the lease ended"};
    case Loss::disowned: return {Status::LOST, "the lock was lost: this process closed the lock's descriptor"};
    case Loss::expired: case Loss::none: break;
  }
  return {Status::LOST, "the lock was lost: its lease ended before it was renewed"};
}

// R11: one request of a call that may make several.
Call Holder::request(const Call &call) const {
  return {std::min(call.deadline, saturating_add(target_.clock->now(), request_time(record_->lease, guarantee_))), call.cancel};
}

// The record that continues this tenure. `ttl` is counted on the boot clock; `createdAt` follows a wall clock that
// was set meanwhile, so that their sum is the expiry by today's wall clock (RELIABILITY §5).
Record Holder::next_form(Duration lease) const {
  const BootTime now = target_.clock->now();
  const WallTime wall = target_.clock->wall();
  Record next = *record_;
  next.write_id = nonce(*target_.random);  // R2
  next.seq = record_->seq + 1;
  next.lease = lease;
  next.renewed = wall;
  const Duration step = (wall - next.created) - (now - began_);
  if (step > std::chrono::seconds(1) || step < -std::chrono::seconds(1)) next.created += step;
  next.ttl = lease == Duration::zero() ? lease : std::max(Duration(1), (now - began_) + lease);
  return next;
}

Write Holder::write_of(const Record &record) const {
  return {record.seq, record.write_id, [bytes = encode(record)](std::optional<std::int64_t>) { return bytes; }};
}

void Holder::adopt(Version version, std::shared_ptr<const Record> record) {
  version_ = std::move(version);
  record_ = std::move(record);
  target_.observations->wrote(target_.identity(), version_, target_.clock->now());
}

// R14: every success returns what is left at its return.
Result<Duration> Holder::left() {
  switch (state()) {
    case State::held: return remaining();
    case State::suspect: return Error{Status::SUSPECT, "a clock step was seen: renew to know whether the lock is still held"};
    case State::lost: return lost_error();
    case State::released: break;
  }
  return Error{Status::NOT_HELD, "the lock was released"};
}

Result<Duration> Holder::extend(BootTime sent, Duration lease) {
  Clock &clock = *target_.clock;
  (void)belief_.extend(holder_deadline(sent, lease, guarantee_), clock.now(), clock.wall(), lease);
  return left();
}

// What a look means for a write of this tenure that did not clearly land. Done: adopted, or not landed yet.
Result<Done> Holder::settle(const Look &look, const ReadBack &back) {
  switch (back.found) {
    case Found::expected: return Done{};
    case Found::mine:
      adopt(look->version, back.record);
      // R6: the time of exactly that write, never of a later one.
      if (auto extended = extend(back.write->sent, back.write->lease); !extended) return extended.error();
      return Done{};
    case Found::absent:
      belief_.lose(Loss::removed);  // a version of mine was seen once, so absent is final
      break;
    case Found::clone:  // another incarnation of this process, resumed from a copy of its machine, goes on with it
      if (resumable(*back.record)) {  // R6: another who resumed it; its version is adopted, its time never
        adopt(look->version, back.record);
        return Done{};
      }
      [[fallthrough]];
    case Found::other:
      belief_.lose(Loss::replaced);
      break;
  }
  return lost_error();
}

// What a detached tenure holds by is its record alone.
Result<Put> Holder::send(const Write &write, const Call &call) {
  const Step step = record_->detached ? Step::seize : Step::keep;
  auto put = target_.store->put(target_.key, write, version_, step, tenure_, request(call));
  if (record_->detached) tenure_.reset();
  return put;
}

Error Holder::unless_lost(Error cause) { return state() == State::lost ? lost_error() : cause; }

Result<Look> Holder::look_back(const Result<Put> &put, const Call &call) {
  if (put)
    if (const auto *refused = std::get_if<Refused>(&*put); refused && refused->there) return *refused->there;
  return target_.store->get(target_.key, Reading::exact, request(call));
}

Result<Duration> Holder::check(const Call &call) {
  if (auto held = left(); !held && held.error().status != Status::SUSPECT) return held;
  auto look = target_.store->get(target_.key, Reading::exact, request(call));
  if (!look) return look.error();
  if (auto settled = settle(*look, read_back(*look, journal_, &version_)); !settled) return settled.error();
  return left();
}

Error cause_of(const Result<Put> &put) {
  if (!put) return put.error();
  if (const auto *unknown = std::get_if<Unknown>(&*put)) return unknown->cause;
  return {Status::UNAVAILABLE, "the storage refused a write although nothing had changed"};
}

}  // namespace vfslock::impl
