// What is done to a tenure by somebody who did not acquire it: resume, by whoever knows its id, and break, by an operator.
#include "lock/acquire.hpp"

namespace vfslock::impl {
namespace {

// What may take as long as a first contact does.
Result<Guarantee> guarantee_of(const Target &target, const Call &call) {
  return target.store->guarantee({std::max(call.deadline, target.clock->now() + std::chrono::seconds(60)), call.cancel});
}

Error not_there(const std::string &id, const std::string &why, std::string bytes = {}) {
  return {Status::LOST, "the lock " + id + " cannot be resumed: " + why, {}, {}, std::move(bytes)};
}

}  // namespace

Result<std::unique_ptr<Holder>> resume(const Target &target, const Resumption &wish, const Call &call) {
  auto guarantee = guarantee_of(target, call);
  if (!guarantee) return guarantee.error();
  auto look = target.store->get(target.key, Reading::exact, call);
  if (!look) return look.error();
  if (!*look) return not_there(wish.lock_id, "nothing is there any more; it was released, or removed");
  auto decoded = decode((*look)->bytes);
  auto *record = std::get_if<Record>(&decoded);
  if (!record || record->lock_id != wish.lock_id)
    return not_there(wish.lock_id, "another record stands in its place", (*look)->bytes);
  if (record->released) return Error{Status::NOT_HELD, "the lock " + wish.lock_id + " was released before"};
  if (!record->detached)
    return Error{Status::INVALID_ARGUMENT, "the lock " + wish.lock_id + " is not detached: it belongs to the process that " +
                                               "acquired it, and nobody else can resume it"};
  if (auto checked = check_lease(wish.lease.value_or(record->lease), wish.renewal, *guarantee); !checked) return checked.error();

  const BootTime now = target.clock->now();
  const BootTime began = now - std::max(Duration::zero(), target.clock->wall() - record->created);
  auto holder = std::make_unique<Holder>(target, std::move(*guarantee), Journal(wish.lock_id),
                                         Grant{share(std::move(*record)), (*look)->version, nullptr, began, now, true});
  if (auto left = holder->renew(wish.lease, call); !left) return left.error();
  return holder;
}

Result<Done> break_lock(const Target &target, const std::string &id, const Call &call) {
  auto guarantee = guarantee_of(target, call);
  if (!guarantee) return guarantee.error();
  auto look = target.store->get(target.key, Reading::exact, call);
  if (!look) return look.error();
  const BootTime now = target.clock->now();
  const Judgement there = judge(*look, {now, target.clock->wall()}, *guarantee, target.identity(), *target.observations);
  if (there.standing == Standing::free || there.standing == Standing::released)
    return Error{Status::NOT_FOUND, "there is no lock to break: it is free", {}, {}, there.bytes};
  if (id_of(there) != id)
    return Error{Status::HELD, "nothing was broken: what stands there is " + id_of(there) + ", not " + id, {}, {}, there.bytes};

  // The token outlives the tenure, and the lockId does not: its holder finds another's record.
  Record last = there.record && !there.record->foreign() ? *there.record : Record{};
  if (last.token > 0) ++last.token;
  last.detached = false;
  last.lock_id = nonce(*target.random);
  Journal journal(last.lock_id);
  Holder nobody(target, std::move(*guarantee), std::move(journal), Grant{share(std::move(last)), there.version, nullptr, now, now});
  auto broken = nobody.displace(call);
  if (!broken && broken.error().status == Status::LOST)
    return Error{Status::HELD, "nothing was broken: the lock changed meanwhile; look at it again"};
  return broken;
}

}  // namespace vfslock::impl
