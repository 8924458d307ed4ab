#pragma once
// Threads that start together, and what became of their writes.
#include <functional>

#include "site.hpp"

namespace vfslock::impl::contract {

struct Tally {
  int won = 0;
  int refused = 0;
  int unknown = 0;
  int failed = 0;
};

// Runs attempt(i, client) in `count` threads at once, each with a client of its own. The tenures of all that won
// live until all are through, or a winner's end would let a second one in.
using Attempt = std::function<Result<Put>(int i, Store &client, TenurePtr &tenure)>;
Tally race(Site &site, int count, const Attempt &attempt);

// Runs each of these in a thread of its own, released together, until all have returned.
void together(const std::vector<std::function<void()>> &activities);

// Whether an activity of the race that runs has failed: loops that wait for another activity end then.
bool given_up();

}  // namespace vfslock::impl::contract
