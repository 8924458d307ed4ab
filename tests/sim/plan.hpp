#pragma once
// What a seed decides before its run begins: the store, the clocks, which faults there are and how many of each.
#include <string>

#include "dice.hpp"

namespace vfslock::sim {

enum class Kind {
  conditional_delete,  // a network store that compares before it removes
  released_only,       // a network store that only overwrites: releases leave a record
  s3,                  // compares before it removes, unless that is denied; answers as BACKENDS §1 has them
  local,               // a disk of one machine: no lost requests, proof of life, one clock
};

// For each thousand requests.
struct Faults {
  std::uint64_t drop = 0;         // it never lands
  std::uint64_t lose_answer = 0;  // it lands, the answer does not come
  std::uint64_t slow = 0;         // it or its answer takes about as long as the sender waits
  std::uint64_t late = 0;         // it lands when its sender has given up, up to three leases later
  std::uint64_t twice = 0;        // it lands a second time; either answer may be the one that comes
  std::uint64_t conflict = 0;     // refused although the condition holds (409)
  std::uint64_t busy = 0;         // turned away, come back after a while (503)
  std::uint64_t unclear = 0;      // S3: answered by 5xx or 429 whether it was applied or not
};

struct Plan {
  explicit Plan(Dice &dice);

  Kind kind;
  bool network() const { return kind != Kind::local; }
  bool extreme_clocks;    // each node's is the slowest or the fastest that is allowed
  bool content_versions;  // a version is a hash of the bytes (S3's ETag), else a number (GCS's generation)
  bool shows_refused;     // a refusal tells what is there
  bool denies_removal;    // S3: the policy allows no DELETE
  bool dates;             // reads tell dates that can be trusted (staleness 2)
  std::uint64_t nodes;
  std::uint64_t users;    // on each node
  std::vector<Duration> leases;
  std::uint64_t endless;  // acquisitions without a TTL, for each thousand
  std::uint64_t keep;     // acquisitions in keep mode, for each thousand
  bool strict_tokens() const { return kind == Kind::released_only || keep == 1000; }
  std::uint64_t outstay;  // holders that stay until they lose the lock, for each thousand
  std::uint64_t renewal;  // holders with a keeper, for each thousand
  Faults faults;
  std::uint64_t cut_after;      // a node is cut off just after a write of it took effect, for each thousand of them
  std::uint64_t stop_at_clock;  // a process is stopped just after it read a clock, for each 10,000 readings
  std::uint64_t stops, crashes, steps, cuts, foreigners;  // events of the whole run
  std::uint64_t ask;            // each holder is asked after each step, for each thousand; 0: never asked from outside
  Duration heal;                // when all faults end

  Duration longest_lease() const { return *std::max_element(leases.begin(), leases.end()); }
  std::string text() const;
};

}  // namespace vfslock::sim
