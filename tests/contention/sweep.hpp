#pragma once
// The oracles, all over the log of one run. Pure: the log may be a made-up one.
#include <cstdint>
#include <string>
#include <vector>

namespace contention {

struct Hold;
class Shared;

struct Finding {
  std::string oracle;  // intervals, exchange, tokens, counter, belief, release, takeover, faults, rest
  std::string text;
};

struct Entry {
  const Hold *hold;
  std::uint64_t id;
};

// What a run was meant to go through, as far as it changes what is right.
struct Expectation {
  bool faults = false;         // processes were killed or stopped: holds may end early
  bool tokens = true;          // every two holds are ordered by their tokens
  bool network = false;        // an answer may be late: what became of a release may stay unknown among faults
};

struct Summary {
  std::int64_t holds = 0, left = 0, lost = 0, missed = 0, killed = 0;
  std::int64_t takeovers = 0;  // of the killed
  std::int64_t robbed = 0;     // lost to somebody who came in before it woke
  std::vector<std::int64_t> takeover_ns;  // from the kill of a holder to the next one's entrance
};

std::vector<Entry> log_of(Shared &shared);  // sorted by entrance

// At the end of a run nobody is inside any more; `counter` is what the plain counter says.
Summary sweep(std::vector<Entry> log, std::int64_t counter, const Expectation &expect, std::vector<Finding> &findings);

// For people: the hold, and its neighbours in time.
std::string text_of(const Entry &entry);

}  // namespace contention
