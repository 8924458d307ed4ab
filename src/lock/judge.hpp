#pragma once
// What a look at the lock means: free, held, stale, and by what evidence (DESIGN §4).
#include <optional>
#include <string>

#include "lock/observations.hpp"
#include "lock/record.hpp"
#include "seam/store.hpp"

namespace vfslock::impl {

enum class Standing { free, released, held, foreign, stale, corrupt };

enum class Evidence {
  none,
  unchanged,     // 1: this version did not change for the record's lease, by this process's clock
  server_clock,  // 2: the store's own clock says that the lease ended more than a grace ago
  dead,          // 3: the proof of life that a living holder would have is gone
  ttl_over,      // a record of another program, whose TTL is over by the wall clock
  power_loss,    // E5: unreadable, nobody lives, written before this boot, on a disk of this host alone
};

const char *to_text(Standing standing);
const char *to_text(Evidence evidence);

struct Judgement {
  Standing standing = Standing::free;
  Evidence evidence = Evidence::none;
  std::string why;               // one sentence for people
  std::optional<Record> record;  // where it could be read
  std::string bytes;             // as they stand there
  Version version;
  Duration unchanged{};          // for how long this process has seen this version
  Duration age{};                // since `created` by the wall clock, never below 0
  BootTime stale_at = never;     // when silence alone will make it stale, if it will
};

enum class Steal { lease, dead, never };

// When and where the look was made.
struct Moment {
  BootTime receipt;
  WallTime wall;
};

Judgement judge(const Look &look, const Moment &moment, const Guarantee &guarantee, const std::string &identity,
                Observations &observations);

// With adopt_empty: an empty object is somebody's mark for a lease from its first sight on, then stale (INTEROP §4.6).
Judgement judge_empty(Judgement judged, const Moment &moment, Duration lease);

// R13: what names exactly this tenure, or exactly these bytes; "" where nothing is there.
std::string id_of(const Judgement &judgement);

// R3, R4, R19: how the two sides count one lease.
BootTime holder_deadline(BootTime sent, Duration lease, const Guarantee &guarantee);
Duration observer_lease(const Record &record, const Guarantee &guarantee);

// May a caller with this wish replace what was judged stale by this evidence?
bool allows(Steal steal, Evidence evidence);

}  // namespace vfslock::impl
