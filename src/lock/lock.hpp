#pragma once
// The protocol's nouns: where a lock lives (Target), what the caller wants (Options), what it decides (Handlers).
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lock/judge.hpp"
#include "seam/clock.hpp"
#include "seam/store.hpp"

namespace vfslock::impl {

// The lock object and all that the protocol needs to work on it. Clock, random and observations outlive every user.
struct Target {
  std::shared_ptr<Store> store;
  std::string key;
  Clock *clock;
  Random *random;
  Observations *observations;

  std::string identity() const { return store->identity(key); }
};

struct Options {
  Duration lease = std::chrono::seconds(30);  // 0 = never expires by time
  bool renewal = true;                        // whether somebody renews in the background; bounds the lease
  bool keep = false;                          // released records, for strict tokens (RELIABILITY §6)
  bool detached = false;                      // lives by its lease alone; whoever knows its lockId may resume it
  bool adopt_empty = false;                   // an empty object may be replaced after a lease (INTEROP §4.6)
  Level required = Level::timed;              // anything but a server that ignores conditions
  Steal steal = Steal::lease;
  std::string owner;
  std::string host;  // of this process: information for people
  std::int64_t pid = 0;
  std::string boot_id;
  std::vector<std::pair<std::string, std::string>> attributes;
};

// The caller's decisions, asked on the acquiring thread.
enum class Verdict { steal, wait, veto };
class Handlers {
 public:
  virtual ~Handlers() = default;
  // A yes holds for exactly the version judged. An Error ends the acquisition with that error.
  virtual Result<Verdict> stale(const Judgement &judgement) {
    (void)judgement;
    return Verdict::steal;
  }
  // Asked before each sleep; false ends the wait with CANCELLED.
  virtual Result<bool> waiting(const Judgement &judgement, Duration waited) {
    (void)judgement, (void)waited;
    return true;
  }
  // Whether somebody listens to `waiting`: then no sleep is longer than a second.
  virtual bool watches() const { return false; }
};

// R11: how long one request may take.
Duration request_time(Duration lease, const Guarantee &guarantee);

// R1, R2: 128 bits as 32 hex digits.
std::string nonce(Random &random);
// Uniform in [low, high].
Duration between(Random &random, Duration low, Duration high);

}  // namespace vfslock::impl
