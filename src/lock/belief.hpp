#pragma once
// Whether this handle may say "held". One atomic word, so that every thread can ask at any time without a mutex and
// whoever first sees the end makes it final for all (R8).
#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace vfslock::impl {

enum class State { held, suspect, lost, released };

// Why a lock was lost. The first reason counts.
enum class Loss {
  none,
  expired,      // the lease ended unrenewed
  replaced,     // another record stands there
  removed,      // the record is gone
  unreachable,  // renewals failed until the lease ended
  disowned,     // this process closed the lock's descriptor, its proof of life
};

class Belief {
 public:
  Belief(BootTime deadline, BootTime now, WallTime wall, Duration lease);

  // Asking notices both ends of belief: the deadline (final), and a step between the two clocks (R15: pending).
  State state(BootTime now, WallTime wall);
  BootTime deadline() const;
  Loss loss() const;  // none while it is not lost

  // R3: a landed write, sent at a known time, moves the deadline. False: it came too late, the lock is lost.
  bool extend(BootTime deadline, BootTime now, WallTime wall, Duration lease);
  void doubt();  // suspect until a write lands: a tenure that is resumed
  void lower(BootTime deadline);  // R9: a shorter lease counts from its send, whatever becomes of the write

  bool lose(Loss reason);  // true for the call that lost it; nothing makes it held again (R8)
  State stop();            // R5: before the release is sent; returns what was believed until now

  // What the loss is called when time alone ends the lock: renewals failed, or nobody renewed.
  void note_trouble(bool trouble) { trouble_.store(trouble, std::memory_order_relaxed); }

 private:
  // The word: a boot time = held until then; the same, negative = suspect; a Loss in small numbers; or released.
  static constexpr std::int64_t released = INT64_MIN;
  static bool is_loss(std::int64_t word) { return word >= 0 && word < 16; }

  bool end(std::int64_t &seen, Loss reason);
  void anchor(BootTime now, WallTime wall, Duration lease);

  std::atomic<std::int64_t> word_;
  std::atomic<bool> trouble_{false};
  std::atomic<std::int64_t> offset_ns_{0};  // wall clock minus boot clock at the last success
  std::atomic<std::int64_t> bound_ns_{0};   // how far they may drift apart; max = not watched
};

}  // namespace vfslock::impl
