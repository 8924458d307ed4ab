#include "lock/judge.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace vfslock::impl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration network_floor = seconds(1);        // R19
constexpr Duration server_resolution = seconds(2);    // dates tell whole seconds (RELIABILITY §3)
constexpr Duration server_grace = seconds(30);
constexpr Duration foreign_network_grace = seconds(2);
constexpr Duration empty_grace = seconds(2);

std::string in_ms(Duration d) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(d).count()) + " ms";
}

Judgement &decide(Judgement &out, Standing standing, Evidence evidence, std::string why) {
  out.standing = standing;
  out.evidence = evidence;
  out.why = std::move(why);
  return out;
}

// INTEROP §4.5: its writer knows nothing but its TTL and the wall clock, so neither do we.
Judgement &judge_foreign(Judgement &out, const Moment &moment, const Guarantee &guarantee) {
  const Record &record = *out.record;
  if (record.ttl == Duration::zero())
    return decide(out, Standing::foreign, Evidence::none, "another program holds the lock and set no TTL");
  const Duration grace = guarantee.shared_clock ? Duration::zero() : foreign_network_grace;
  const WallTime expiry = saturating_add(saturating_add(record.created, record.ttl), grace);
  if (moment.wall > expiry)
    return decide(out, Standing::stale, Evidence::ttl_over, "another program's record, whose TTL is over");
  out.stale_at = saturating_add(moment.receipt, expiry - moment.wall + milliseconds(1));
  return decide(out, Standing::foreign, Evidence::none, "another program holds the lock until its TTL is over");
}

Judgement &judge_unreadable(Judgement &out, const Look &look, const Unreadable &unreadable) {
  if (unreadable.newer)
    return decide(out, Standing::held, Evidence::none, "held by a newer version of vfslock: " + unreadable.why);  // R12
  if (look->life == Life::dead && look->predates_boot)
    return decide(out, Standing::stale, Evidence::power_loss,
                  "the record was damaged before this machine started, and nobody lives who could have written it");
  return decide(out, Standing::corrupt, Evidence::none, unreadable.why);
}

}  // namespace

const char *to_text(Standing standing) {
  switch (standing) {
    case Standing::free: return "free";
    case Standing::released: return "released";
    case Standing::held: return "held";
    case Standing::foreign: return "foreign";
    case Standing::stale: return "stale";
    case Standing::corrupt: return "corrupt";
  }
  return "";
}

const char *to_text(Evidence evidence) {
  switch (evidence) {
    case Evidence::none: return "none";
    case Evidence::unchanged: return "unchanged";
    case Evidence::server_clock: return "server_clock";
    case Evidence::dead: return "dead";
    case Evidence::ttl_over: return "ttl_over";
    case Evidence::power_loss: return "power_loss";
  }
  return "";
}

BootTime holder_deadline(BootTime sent, Duration lease, const Guarantee &guarantee) {
  if (lease == Duration::zero()) return never;
  // R3: a quarter of the lease is the margin for clock rates that differ by up to a third.
  return saturating_add(sent, guarantee.shared_clock ? lease : lease - lease / 4);
}

Duration observer_lease(const Record &record, const Guarantee &guarantee) {
  return guarantee.shared_clock ? record.lease : std::max<Duration>(record.lease, network_floor);
}

std::string id_of(const Judgement &judgement) {
  if (judgement.standing == Standing::free) return "";
  if (judgement.record && !judgement.record->foreign()) return judgement.record->lock_id;
  return "sha256-" + sha256_hex(judgement.bytes);
}

Judgement judge_empty(Judgement judged, const Moment &moment, Duration lease) {
  const Duration patience = std::max<Duration>(lease, empty_grace);
  if (judged.unchanged >= patience)
    return decide(judged, Standing::stale, Evidence::unchanged,
                  "it is empty, and nobody has changed it for " + in_ms(judged.unchanged));
  judged.stale_at = saturating_add(moment.receipt, patience - judged.unchanged);
  return decide(judged, Standing::held, Evidence::none, "it is empty: a mark of another program, or a writer that was interrupted");
}

bool allows(Steal steal, Evidence evidence) {
  switch (steal) {
    case Steal::lease: return true;
    case Steal::dead: return evidence == Evidence::dead || evidence == Evidence::power_loss;
    case Steal::never: return false;
  }
  return false;
}

Judgement judge(const Look &look, const Moment &moment, const Guarantee &guarantee, const std::string &identity,
                Observations &observations) {
  Judgement out;
  if (!look) {
    observations.forget(identity);
    return decide(out, Standing::free, Evidence::none, "nothing is there");
  }
  out.bytes = look->bytes;
  out.version = look->version;
  const BootTime since = observations.first_seen(identity, look->version, moment.receipt);  // R4: from receipt
  out.unchanged = moment.receipt - since;

  auto decoded = decode(look->bytes);
  if (const auto *unreadable = std::get_if<Unreadable>(&decoded)) return judge_unreadable(out, look, *unreadable);
  out.record = std::move(std::get<Record>(decoded));
  const Record &record = *out.record;
  // A foreign record may lack `createdAt`, or claim any.
  out.age = std::max(Duration::zero(), moment.wall - std::max(record.created, WallTime{}));

  if (record.foreign()) return judge_foreign(out, moment, guarantee);
  if (record.released) return decide(out, Standing::released, Evidence::none, "its last holder released it");
  if (look->life == Life::dead && !record.detached)
    return decide(out, Standing::stale, Evidence::dead, "its holder is dead: the kernel lock that it had is free");
  if (record.lease == Duration::zero())
    return decide(out, Standing::held, Evidence::none, "held without a TTL: no time ends it");

  const Duration lease = observer_lease(record, guarantee);
  if (out.unchanged >= lease)
    return decide(out, Standing::stale, Evidence::unchanged,
                  "its holder has not renewed it for " + in_ms(out.unchanged) + ", its lease is " + in_ms(lease));
  if (look->server_date && look->last_modified &&
      *look->server_date - *look->last_modified > lease + server_resolution + server_grace)
    return decide(out, Standing::stale, Evidence::server_clock,
                  "the storage's own clock says that it was last renewed " +
                      in_ms(*look->server_date - *look->last_modified) + " ago");
  out.stale_at = saturating_add(since, lease);
  return decide(out, Standing::held, Evidence::none, "its holder renewed it within its lease");
}

}  // namespace vfslock::impl
