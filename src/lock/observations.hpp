#pragma once
// Since when each lock's record has not changed, by this process's own clock: the clock-free ground of staleness.
#include <string>
#include <unordered_map>

#include "base/time.hpp"
#include "seam/store.hpp"

namespace vfslock::impl {

// One for the whole process, so that repeated tries of any handle add up, its own writes included. The runtime
// guards it; the simulator needs no guard.
class Observations {
 public:
  virtual ~Observations() = default;

  // R4: the receipt of the first read that showed this version. A new version starts anew.
  virtual BootTime first_seen(const std::string &identity, const Version &version, BootTime receipt);
  // A write of this process: nobody else can have seen it before.
  virtual void wrote(const std::string &identity, const Version &version, BootTime at) { (void)first_seen(identity, version, at); }
  // Nothing was there: whatever comes next is new.
  virtual void forget(const std::string &identity);
  void backdate(const std::string &identity, BootTime since);  // it was seen so long ago already
  // Whoever looks next, perhaps in another process, need not begin to wait anew. Base: nothing is kept.
  virtual void remember(const std::string &identity, const Version &version) { (void)identity, (void)version; }

 private:
  struct Observation {
    Version version;
    BootTime since;
  };
  std::unordered_map<std::string, Observation> seen_;
};

}  // namespace vfslock::impl
