#pragma once
// Store: small objects under keys, with versions, and nothing but conditional writes.
//
// There is no unconditional write or delete here, so the protocol cannot misuse one. A Store knows nothing of
// locks: it moves bytes and says honestly what became of each request. `Unknown` is a result, not an error: the
// request was sent and no trustworthy answer came; the protocol resolves it by reading back (R6). An Error always
// means: surely not applied.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "seam/clock.hpp"

namespace vfslock::impl {

// Opaque name of one state of one object. Two different states of a key never have equal versions.
struct Version {
  std::string id;
  friend bool operator==(const Version &a, const Version &b) { return a.id == b.id; }
  friend bool operator!=(const Version &a, const Version &b) { return a.id != b.id; }
};

// Proof of life by the kernel or the server; no guess and no PID (R22).
enum class Life { cannot_tell, alive, dead };

// What a read found under a key. `life` belongs to these bytes: it was asked for after they were read.
struct Seen {
  std::string bytes;        // at most max_object_bytes + 1 of them: one more tells that there are more (R16)
  Version version;
  Life life = Life::cannot_tell;
  bool predates_boot = false;  // on a disk of this host alone: last written before its last boot
  std::optional<WallTime> last_modified = {};  // by the store's clock
  std::optional<WallTime> server_date = {};    // the same response's date; only where it can be trusted (RELIABILITY §3)
};
constexpr std::size_t max_object_bytes = 16 * 1024;

using Look = std::optional<Seen>;  // nullopt: nothing there

// hint: as cheap as it comes; may be a mix of two writes where writes are made in place.
// exact: bytes that were really one version.
enum class Reading { hint, exact };

// What the holder's storage keeps for it while it holds, bound to the life of its process: an open locked
// descriptor on a local disk, nothing on S3. Destroying it lets the proof of life go, without touching the object.
class Tenure {
 public:
  virtual ~Tenure() = default;
  // A descriptor for a child process that keeps the proof of life (not close-on-exec; the caller closes it);
  // -1 where the storage has none.
  virtual Result<int> inherit() { return -1; }
};
using TenurePtr = std::unique_ptr<Tenure>;

// What a put means for the proof of life.
//   begin  a new holder where nobody lives: refused if somebody does. Fills the tenure.
//   seize  a new holder, whoever may live there (released records, leases that ended). Fills the tenure.
//   keep   the same holder goes on. Error LOST where its proof of life is gone: nothing was touched.
//   end    the holder stops: the proof of life ends with the write. Empties the tenure. With an empty tenure it is a
//          released record put over whoever lives there, by somebody who is not the holder (R7, R13).
// A put that may have landed (Unknown) leaves the tenure filled: the protocol finds out, and lets it go if it lost.
enum class Step { begin, seize, keep, end };

struct IfAbsent {};
using Condition = std::variant<IfAbsent, Version>;

// One write. A storage that names its versions itself puts seq and write_id into the name.
// `bytes` makes the object from the store's time in µs since 1970, the floor of a grant's token. It is called
//   with nullopt for bytes that stand only until the name has landed (local disks write them again in place),
//   with the time once known: after landing on a local disk, under the mutex in memory, before sending elsewhere.
struct Write {
  std::uint64_t seq = 0;
  std::string write_id;  // 32 lower-case hex digits
  std::function<std::string(std::optional<std::int64_t> store_time_us)> bytes;
};

struct Landed {
  Version version;
  std::string bytes;  // what now stands there
};
// The condition did not hold, for certain or perhaps (R6): `there` is what the store saw instead, where it looked.
struct Refused {
  std::optional<Look> there;
};
// Sent, no trustworthy answer: it may have landed, may land later, or never. `cause` says what happened.
struct Unknown {
  Error cause;
};
using Put = std::variant<Landed, Refused, Unknown>;
using Removal = std::variant<Done, Refused, Unknown>;

enum class Level { none, timed, exact };

// What this location gives, and how that is known.
struct Guarantee {
  Level level = Level::none;
  std::string how;                  // for people: "open-file-description locks on ext4", "probe: conditions ignored"
  bool conditional_remove = false;  // remove() compares atomically; else release overwrites with a released record
  bool shared_clock = false;        // holder and observers count on one clock: no margin needed (R3)
  bool strict_tokens = false;       // the store's time orders every two grants (RELIABILITY §6)
  Duration min_ttl{};               // with renewal off; the keeper needs at least 1 s
  std::size_t max_object = max_object_bytes;  // larger records are refused before anything is written
};

// Some of the keys that begin with a prefix, in the storage's own order. `next` goes on where this page ends; it is
// empty after the last one.
struct Page {
  std::vector<std::string> keys;
  std::string next;
};

// What a closer examination of the location found, for people and for programs that set it up.
struct Examination {
  struct Check {
    std::string name;  // "P2 create on an existing object"
    bool good;
    std::string seen;  // what the storage answered
  };
  Guarantee guarantee;
  std::vector<Check> checks;
  std::vector<std::pair<std::string, std::string>> facts;  // "endpoint", "region", "credentials", …: never a secret
  std::string policy;                                      // the least permissions, as the storage takes them
};

// A Store is bound to one place (a directory, a bucket) when it is opened; keys are names in it. It may be used by
// many threads at once. Calls block at most to the call's deadline and end early when cancelled; no write starts at or
// after the deadline.
class Store {
 public:
  virtual ~Store() = default;

  virtual Result<Guarantee> guarantee(const Call &call) = 0;

  // For who only looks: what is known of it without writing anything. `none` where that is nothing yet.
  virtual Result<Guarantee> known_guarantee(const Call &call) { return guarantee(call); }

  virtual Result<Look> get(const std::string &key, Reading reading, const Call &call) = 0;

  // A tenure is required for each step but seize and begin, which fill it when the write lands.
  virtual Result<Put> put(const std::string &key, const Write &write, const Condition &condition, Step step,
                          TenurePtr &tenure, const Call &call) = 0;

  // Only where guarantee().conditional_remove. Empties the tenure when done. With an empty one it is for who holds
  // without a proof of life: LOST where somebody lives.
  virtual Result<Removal> remove(const std::string &key, const Version &version, TenurePtr &tenure,
                                 const Call &call) = 0;

  // Makes or refreshes a hint for `key`; called BEFORE the look that decides to wait, or a change between the two
  // is lost. Leaves null where there is none.
  virtual void arm(const std::string &key, std::unique_ptr<Wakeup> &hint) {
    (void)key;
    hint.reset();
  }

  // At most `most` keys (a storage may give fewer) that begin with `prefix`, from a page's `next` on, or from "".
  virtual Result<Page> list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) {
    (void)prefix, (void)from, (void)most, (void)call;
    return Error{Status::UNSUPPORTED, "this storage cannot list its objects"};
  }

  // Looks closer than guarantee() does: tries what is only believed there. May write, and remove again, objects of
  // other names beside the key.
  virtual Result<Examination> examine(const std::string &key, const Call &call) {
    (void)key;
    auto gives = guarantee(call);
    if (!gives) return gives.error();
    return Examination{std::move(*gives), {}, {}, {}};
  }

  // The storage's clock minus this host's, where it has one of its own and has told it.
  virtual std::optional<Duration> clock_skew() const { return std::nullopt; }

  // Names the object in this process, whatever spelling led to it: observations of one lock add up under it.
  virtual std::string identity(const std::string &key) const = 0;
};

}  // namespace vfslock::impl
