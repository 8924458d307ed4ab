#pragma once
// One contender: acquires, enters, stays for at least a millisecond, leaves, releases, again and again.
#include <cstdint>

#include "board.hpp"
#include "lockable.hpp"

namespace contention {

struct Task {
  std::uint32_t slot = 0;
  std::uint32_t holds = 0;      // that the slot shall have in the end, whoever made them
  bool until_enough = false;    // go on until the board says enough
  bool long_holds = false;      // a few holds last long enough to be renewed
  std::uint32_t hold_ms = 1;
  std::uint64_t seed = 0;
};

constexpr std::int64_t wait_ms = 120'000;  // for one lock; who does not get it in that time is a finding

void contend(Shared &shared, const Task &task, Lockable &lock);

}  // namespace contention
