// Renewal: one conditional write on the version last written, resolved whatever the answer was (R6).
#include "lock/backoff.hpp"
#include "lock/holder.hpp"

namespace vfslock::impl {

Result<Duration> Holder::renew(std::optional<Duration> wish, const Call &call) {
  if (auto held = left(); !held && held.error().status != Status::SUSPECT) return held;
  Clock &clock = *target_.clock;
  const Duration lease = wish.value_or(record_->lease);
  Backoff backoff(std::chrono::milliseconds(20), std::max(Duration(1), lease / 6));

  for (;;) {  // once for each write; a second only when an older write of this tenure had landed meanwhile
    const auto next = share(next_form(lease));
    const Write write = write_of(*next);
    const BootTime sent = clock.now();
    journal_.add(next->write_id, sent, lease);
    belief_.lower(holder_deadline(sent, lease, guarantee_));  // R9

    bool adopted = false;
    for (bool open = false; !adopted;) {  // once for each send of the same bytes
      // Nothing is written once belief has ended: the record may be somebody else's to judge by then.
      const Call bounded{std::min(call.deadline, belief_.deadline()), call.cancel};
      auto put = send(write, bounded);
      if (put)
        if (auto *landed = std::get_if<Landed>(&*put)) {
          adopt(std::move(landed->version), next);
          belief_.note_trouble(false);
          return extend(sent, lease);
        }
      if (!put && put.error().status == Status::LOST) {
        belief_.lose(Loss::disowned);
        return lost_error();
      }
      belief_.note_trouble(true);
      if (!put && !open) return unless_lost(put.error());  // surely not applied: the caller may repeat it
      open = open || (put && std::holds_alternative<Unknown>(*put));

      auto look = look_back(put, bounded);
      if (!look) return unless_lost(cause_of(put));  // unresolved; the journal remembers the write
      const ReadBack back = read_back(*look, journal_, &version_);
      if (auto settled = settle(*look, back); !settled) return settled.error();
      if (back.found == Found::mine && back.record->write_id == write.write_id) {
        belief_.note_trouble(false);
        return left();
      }
      adopted = back.found != Found::expected;
      if (!adopted) {
        const BootTime next_send = saturating_add(clock.now(), pause_after(put, backoff.next(*target_.random)));
        if (next_send >= bounded.deadline) return unless_lost(cause_of(put));
        if (clock.sleep(next_send, nullptr, call.cancel) == Woke::cancelled)
          return Error{Status::CANCELLED, "the renewal was cancelled"};
      }
    }
  }
}

}  // namespace vfslock::impl
