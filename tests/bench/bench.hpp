#pragma once
// The figures of `tools/bench local`, each measured side by side with what it is compared with.
#include <string>

#include "series.hpp"

namespace bench {

struct Settings {
  int rounds = 2000;       // of each thing, interleaved
  int repeats = 20;        // in a round: shorter than a slice of the scheduler, so that most rounds have one to themselves
  int crowd = 8;           // processes
  int crowd_rounds = 7;
  double crowd_seconds = 1.5;
  int kills = 300;
};

// One line that says how far it is; nothing where nobody looks.
void progress(const std::string &text);

// Microseconds for one acquire and release by one process.
struct Solo {
  Series removed, bare_removed, kept, bare_kept, least;
};
Solo solo(const std::string &folder, const Settings &settings);

// Holds of 1 ms for each second, by many processes.
struct Crowd {
  Series removed, kept, flock;
};
Crowd crowd(const std::string &folder, const Settings &settings);

// Microseconds from the SIGKILL of a holder to the entrance of a waiter.
struct Takeover {
  Series removed, kept, flock;
};
Takeover takeover(const std::string &folder, const Settings &settings);

// Does one thing n times between two calls of getppid(2), for whoever traces it: removed, kept, bare-removed, bare-kept.
void trace(const std::string &folder, const std::string &what, int times);

}  // namespace bench
