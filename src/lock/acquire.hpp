#pragma once
// Acquire: create if absent; look only when that fails; replace exactly what was judged; wait in between.
#include <memory>

#include "lock/holder.hpp"

namespace vfslock::impl {

struct Wait {
  std::optional<Duration> limit = Duration::zero();  // 0 = try once; nullopt = for ever
  const Cancel *cancel = nullptr;
};

Result<std::unique_ptr<Holder>> acquire(const Target &target, const Options &options, Handlers &handlers, const Wait &wait);

// Goes on with a detached tenure, known by its lockId: believes only after its own renewal (R6). `lease`: nullopt leaves
// it as it is. LOST where another record stands there or none.
struct Resumption {
  std::string lock_id;
  std::optional<Duration> lease;
  bool renewal;
};
Result<std::unique_ptr<Holder>> resume(const Target &target, const Resumption &wish, const Call &call);

// R13: ends the tenure, or replaces the bytes, that `id` names: id_of(). HELD where something else stands there.
Result<Done> break_lock(const Target &target, const std::string &id, const Call &call);

// What stands there now, judged as a contender would.
struct Inspection {
  Judgement judgement;
  Guarantee guarantee;
};
Result<Inspection> inspect(const Target &target, const Call &call);

// TTL bounds of this place (API §3, R19), for acquire and for a renewal that changes the lease.
Result<Done> check_lease(Duration lease, bool renewal, const Guarantee &guarantee);

}  // namespace vfslock::impl
