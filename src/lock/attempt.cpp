#include "lock/attempt.hpp"

#include "lock/backoff.hpp"

namespace vfslock::impl {
namespace {

// A write of this acquisition stands there and makes it the holder. Not where its proof of life is gone: others may
// take such a record as a dead one's at any time.
bool is_grant(const ReadBack &back, const Look &look) {
  return back.found == Found::mine && !back.write->released && (back.record->detached || look->life != Life::dead);
}

}  // namespace

Attempt::Attempt(const Target &target, const Options &options, const Guarantee &guarantee, const Cancel *cancel, BootTime until)
    : target_(target),
      options_(options),
      guarantee_(guarantee),
      cancel_(cancel),
      until_(until),
      journal_(nonce(*target.random)) {}  // R1

Call Attempt::call() const {
  return {target_.clock->now() + request_time(options_.lease, guarantee_), cancel_};
}

std::int64_t next_token(std::optional<std::int64_t> previous, bool record_stays, std::optional<std::int64_t> floor_us) {
  // Where the record stays for good, the token in it is all that is needed, and strict.
  if (previous && record_stays) return *previous + 1;
  return std::max(previous.value_or(0) + 1, floor_us.value_or(0));
}

// The record of a new tenure, but for its token. `keep` belongs to the record: whoever takes one over keeps it.
Record Attempt::form(const Record *previous) const {
  Record out;
  out.created = target_.clock->wall();
  out.ttl = out.lease = options_.lease;
  out.host = options_.host;
  out.pid = options_.pid;
  out.owner = options_.owner;
  out.lock_id = journal_.lock_id();
  out.write_id = nonce(*target_.random);  // R2
  out.seq = previous ? previous->seq + 1 : 1;
  out.keep = options_.keep || (previous && previous->keep);
  out.detached = options_.detached;
  out.boot_id = options_.boot_id;
  out.attributes = options_.attributes;
  return out;
}

// The store calls this with its own time, possibly again for a resend: the same write must then be the same bytes.
Write Attempt::grant(const std::shared_ptr<Granted> &granted, std::optional<std::int64_t> previous) const {
  const bool stays = granted->record.keep || !guarantee_.conditional_remove;
  return {granted->record.seq, granted->record.write_id, [=](std::optional<std::int64_t> store_time_us) {
            if (!granted->bytes.empty()) return granted->bytes;
            if (!store_time_us) return granted->blank = encode(granted->record);  // token 0, until the name has landed
            granted->record.token = next_token(previous, stays, store_time_us);
            granted->bytes = granted->blank.empty() ? encode(granted->record)
                                                    : with_token(std::move(granted->blank), granted->record.token);
            return granted->bytes;
          }};
}

Result<Attempt::Outcome> Attempt::create() { return commit(IfAbsent{}, Step::begin, form(nullptr), std::nullopt); }

Result<Attempt::Outcome> Attempt::replace(const Judgement &judged, Step step) {
  const Record *previous = judged.record ? &*judged.record : nullptr;
  // A token of 0 was never granted: its holder died before it could be written. Foreign records have none.
  const bool read = previous && !previous->foreign() && previous->token > 0;
  return commit(judged.version, step, form(previous), read ? std::optional(previous->token) : std::nullopt);
}

Result<Attempt::Outcome> Attempt::commit(const Condition &condition, Step step, Record new_form,
                                         std::optional<std::int64_t> previous) {
  Clock &clock = *target_.clock;
  const auto granted = std::make_shared<Granted>(Granted{std::move(new_form), {}, {}});
  const Record &form = granted->record;
  const Write write = grant(granted, previous);
  const auto *expected = std::get_if<Version>(&condition);
  if (longest_encoding(form) > guarantee_.max_object && encode(form).size() + 32 > guarantee_.max_object)
    return Error{Status::INVALID_ARGUMENT, "the lock record would be larger than the " + std::to_string(guarantee_.max_object) +
                                               " bytes that this storage takes: shorten the owner id or the attributes"};
  const BootTime sent = clock.now();  // R3: before the first send of these bytes
  journal_.add(form.write_id, sent, form.lease);
  const BootTime resolve_until = std::max(until_, sent + 2 * request_time(options_.lease, guarantee_));
  Backoff backoff(std::chrono::milliseconds(20), std::chrono::seconds(1));

  for (bool open = false;;) {
    auto put = target_.store->put(target_.key, write, condition, step, tenure_, call());
    if (put)
      if (auto *landed = std::get_if<Landed>(&*put)) return won(share(std::move(granted->record)), landed->version, sent);
    if (!put && !open) return put.error();  // surely not applied
    open = open || (put && std::holds_alternative<Unknown>(*put));

    Result<Look> look = [&]() -> Result<Look> {
      if (put)
        if (auto *refused = std::get_if<Refused>(&*put); refused && refused->there) return *refused->there;
      return target_.store->get(target_.key, Reading::hint, call());
    }();
    // A refusal may be the echo of an own earlier copy: what could not be read back is as open as no answer at all.
    open = open || !look;
    if (!look && look.error().status != Status::UNAVAILABLE) return give_up(condition, form, previous, look.error());
    if (look) {
      const ReadBack back = read_back(*look, journal_, expected);
      // R6: a refusal may be the echo of an own earlier copy. An older write of this acquisition counts from its send.
      if (is_grant(back, *look)) return won(back.record, (*look)->version, back.write->sent);
      // A replace whose version is gone can never land; a create cannot while something is there.
      const bool may_land = expected ? back.found == Found::expected : back.found == Found::absent;
      if (!may_land || !open) {
        tenure_.reset();
        return Outcome{nullptr, std::move(*look)};
      }
    }
    const BootTime again = saturating_add(clock.now(), pause_after(put, backoff.next(*target_.random)));
    const bool worthless = again >= holder_deadline(sent, form.lease, guarantee_);
    if (again >= resolve_until || worthless) return give_up(condition, form, previous, look ? cause_of(put) : look.error());
    if (clock.sleep(again, nullptr, cancel_) == Woke::cancelled)
      return give_up(condition, form, previous, {Status::CANCELLED, "the acquisition was cancelled"});
  }
}

void Attempt::start_anew() { journal_ = Journal(nonce(*target_.random)); }

std::optional<Result<Attempt::Outcome>> Attempt::own(const Seen &there) {
  const ReadBack back = read_back(there, journal_, nullptr);
  if (!is_grant(back, there)) return std::nullopt;
  return won(back.record, there.version, back.write->sent);
}

Result<Attempt::Outcome> Attempt::won(std::shared_ptr<const Record> record, const Version &version, BootTime sent) {
  auto holder = std::make_unique<Holder>(target_, guarantee_, journal_,
                                         Grant{std::move(record), version, std::move(tenure_), sent, sent});
  if (holder->state() == State::held) return Outcome{std::move(holder), {}};
  // R14: an answer that came after its own lease is no lock. Nobody believed in it, so it is only tidied up.
  (void)holder->release({target_.clock->now() + request_time(options_.lease, guarantee_), nullptr});
  return Error{Status::LOST, "the storage answered only after the lease of the new lock was over"};
}

// R7: a released record on the same condition, so that the request still on its way can never land. Best effort and
// bounded: what is left otherwise is an orphan of at most a lease.
Result<Attempt::Outcome> Attempt::give_up(const Condition &condition, const Record &form,
                                          std::optional<std::int64_t> previous, Error cause) {
  tenure_.reset();
  Record poison = released_form(form);
  poison.token = previous.value_or(0);  // in keep mode the token outlives whatever stands there
  poison.write_id = nonce(*target_.random);
  journal_.add(poison.write_id, target_.clock->now(), form.lease, true);
  const Call bounded{target_.clock->now() + request_time(options_.lease, guarantee_), nullptr};
  const Write write{poison.seq, poison.write_id,
                    [bytes = encode(poison)](std::optional<std::int64_t>) { return bytes; }};
  TenurePtr nobody;
  auto put = target_.store->put(target_.key, write, condition, Step::end, nobody, bounded);
  if (put && std::holds_alternative<Refused>(*put)) give_back(bounded);  // it may have landed meanwhile
  return cause;
}

// What has landed of this acquisition, that nobody will be told to have.
void Attempt::give_back(const Call &call) {
  auto look = target_.store->get(target_.key, Reading::hint, call);
  if (!look) return;
  const ReadBack back = read_back(*look, journal_, nullptr);
  if (back.found != Found::mine || back.write->released) return;
  Holder late(target_, guarantee_, journal_, Grant{back.record, (*look)->version, nullptr, back.write->sent, back.write->sent});
  (void)late.release(call);
  start_anew();
}

void Attempt::withdraw() noexcept {
  tenure_.reset();
  try {
    give_back({target_.clock->now() + request_time(options_.lease, guarantee_), nullptr});
  } catch (...) {  // then its lease ends it
  }
}

}  // namespace vfslock::impl
