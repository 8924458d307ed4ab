#pragma once
// What the protocol gets from this process: its clock, its randomness, and what it has observed of all locks.
#include <mutex>
#include <string>

#include "lock/observations.hpp"
#include "seam/clock.hpp"

namespace vfslock::impl {

class RealClock final : public Clock {
 public:
  BootTime now() override;
  WallTime wall() override;
  Woke sleep(BootTime until, Wakeup *hint, const Cancel *cancel) override;
};

class RealRandom final : public Random {
 public:
  void fill(void *out, std::size_t size) override;
};

// R4: one for the whole process, so that the tries of all its threads add up.
class GuardedObservations final : public Observations {
 public:
  BootTime first_seen(const std::string &identity, const Version &version, BootTime receipt) override;
  void forget(const std::string &identity) override;
  void backdate(const std::string &identity, BootTime since);
};

// Never destroyed: threads of the library go on while static objects end.
struct Ambient {
  RealClock clock;
  RealRandom random;
  GuardedObservations observations;
};
Ambient &ambient();

// Guards the few things that every client shares; a forked child finds it free. Held for moments, never while
// anything else is called.
std::mutex &process_mutex();

std::string host_name();  // as UTF-8 without control characters
std::int64_t process_id();

}  // namespace vfslock::impl
