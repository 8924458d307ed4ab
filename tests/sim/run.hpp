#pragma once
// One seed from beginning to end.
#include "tally.hpp"

#include <cstdint>
#include <string>

namespace vfslock::sim {

struct Outcome {
  std::string failure;  // empty: everything held
  std::string trace;    // where asked for
};

Outcome run_seed(std::uint64_t seed, bool tracing, Tally &tally);

}  // namespace vfslock::sim
