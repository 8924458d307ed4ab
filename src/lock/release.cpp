// Release: conditional delete where it compares, else a released record; never anything unconditional.
#include "lock/backoff.hpp"
#include "lock/holder.hpp"

namespace vfslock::impl {

Result<Done> Holder::release(const Call &call) {
  const BootTime valid_until = belief_.deadline();
  switch (belief_.stop()) {  // R5: stop believing first, then send
    case State::released:
      if (!leaving_) return Error{Status::NOT_HELD, "the lock was released before"};
      return give_back(call);
    case State::lost:
      // Others may wait on the record. Removing exactly the version last written is harmless; the tenure stays lost.
      if (loss() == Loss::expired || loss() == Loss::unreachable) (void)give_back(call);
      return lost_error();
    case State::held: case State::suspect: break;
  }
  valid_until_ = valid_until;
  leaving_ = true;
  return give_back(call);
}

Result<Done> Holder::gone() {
  leaving_ = false;
  tenure_.reset();
  return Done{};
}

Result<Done> Holder::displace(const Call &call) {
  belief_.stop();
  return give_back(call, true);
}

Result<Done> Holder::give_back(const Call &call) {
  return give_back(call, record_->keep || !guarantee_.conditional_remove);
}

Result<Done> Holder::give_back(const Call &call, bool overwrite) {
  Clock &clock = *target_.clock;
  target_.observations->forget(target_.identity());  // of this process's own record; whatever comes next is new
  Backoff backoff(std::chrono::milliseconds(20), std::chrono::seconds(1));

  for (bool open = false;;) {
    Record last;
    if (overwrite) {
      last = released_form(next_form(record_->lease));
      journal_.add(last.write_id, clock.now(), last.lease, true);
    }
    for (bool anew = false; !anew;) {
      Result<Put> put = [&]() -> Result<Put> {
        if (overwrite) return target_.store->put(target_.key, write_of(last), version_, Step::end, tenure_, request(call));
        auto removed = target_.store->remove(target_.key, version_, tenure_, request(call));
        if (!removed) return removed.error();
        if (auto *refused = std::get_if<Refused>(&*removed)) return Put{std::move(*refused)};
        if (auto *unknown = std::get_if<Unknown>(&*removed)) return Put{std::move(*unknown)};
        return Put{Landed{}};
      }();
      if (put && std::holds_alternative<Landed>(*put)) return gone();
      // Who may write a lock need not be allowed to remove it: a released record does as well.
      if (!put && !overwrite && (put.error().status == Status::PERMISSION_DENIED || put.error().status == Status::UNSUPPORTED)) {
        overwrite = anew = true;
        continue;
      }
      if (!put && !open) return put.error();  // surely not applied; the caller may repeat the release
      open = open || (put && std::holds_alternative<Unknown>(*put));

      auto look = look_back(put, call);
      if (!look && !open) return look.error();
      const Error unresolved{Status::UNKNOWN_OUTCOME, "the release was sent, but the storage did not say what became of it: " +
                                                          cause_of(put).message};
      if (!look) return unresolved;
      const ReadBack back = read_back(*look, journal_, &version_);
      switch (back.found) {
        case Found::absent: return gone();
        case Found::mine:
          if (back.write->released) return gone();
          adopt((*look)->version, back.record);  // a late renewal of mine had landed: give back that one
          anew = true;
          break;
        case Found::clone:
          if (resumable(*back.record)) {  // R6: another who resumed it has renewed meanwhile
            adopt((*look)->version, back.record);
            anew = true;
            break;
          }
          [[fallthrough]];
        case Found::other:
          // While the lease ran nobody could take the lock from us, so the release landed and it was acquired after.
          if (open && clock.now() < valid_until_) return gone();
          leaving_ = false;
          tenure_.reset();
          if (open) return unresolved;
          return Error{Status::LOST, "the lock was lost before it was released: another record stands in its place"};
        case Found::expected: {
          const BootTime next_send = saturating_add(clock.now(), pause_after(put, backoff.next(*target_.random)));
          if (next_send >= call.deadline) return open ? unresolved : cause_of(put);
          if (clock.sleep(next_send, nullptr, call.cancel) == Woke::cancelled)
            return Error{Status::CANCELLED, "the release was cancelled; it may be repeated"};
          break;
        }
      }
    }
  }
}

}  // namespace vfslock::impl
