#pragma once
// What all contenders share, in memory that outlives each of them: the word that they exchange, the plain counter, and
// the log of every hold. Whoever is killed leaves its last entry here as it was.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

namespace contention {

// One clock for all stamps; leases are counted on the same one.
inline std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

constexpr std::int64_t ms = 1'000'000;

enum class Outcome : std::int32_t {
  open,    // still inside, or killed there
  left,    // held to the end, and released
  lost,    // was told that it no longer holds
  missed,  // was told so before it had entered: stopped beyond its lease on the way in
  killed,
};

// How far a hold has come: a kill can come between any two of them.
enum class Step : std::int32_t { granted, exchanging, inside, writing, done };

struct Hold {
  std::int64_t enter = 0;     // after acquire returned
  std::int64_t end = 0;       // before release was called; until then the last moment it was told that it holds
  std::int64_t deadline = 0;  // it was told that it holds until here
  std::int64_t token = 0;
  std::uint64_t found = 0;    // in the exchange word on entering
  std::uint64_t swapped = 0;  // in the exchange word on leaving, if that was not its own id
  std::int64_t read = 0;      // the counter on entering; read + 1 is written on leaving
  std::int64_t told_lost = 0;
  std::int64_t touched = 0;   // after the last access to what is shared
  std::int64_t killed_at = 0;  // just before the signal was sent
  std::int64_t released = 0;  // after release returned
  std::int32_t release_status = 0;
  std::int32_t pid = 0;
  Outcome outcome = Outcome::open;
  std::atomic<Step> step{Step::granted};

  // What was stored before is there when the mark is: a kill sees stores in the order of the program.
  void mark(Step next) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    step.store(next, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
};

// What a contender is doing, for whoever wants to disturb it.
enum class Phase : std::int32_t {
  acquiring,
  touching,  // between asking is_held and an access to what is shared: no lease helps who is stopped just here
  holding,
  releasing,
};

struct Slot {
  std::atomic<Phase> phase{Phase::acquiring};
  std::atomic<std::uint32_t> holds{0};  // entries of the log that are in use
  std::atomic<std::uint32_t> late{0};   // grants that were given back, since they came after their lease
  std::atomic<std::uint32_t> errors{0};
  char error[256] = {};                 // the first
};

// Relaxed everywhere: the board must not order the contenders, that is the lock's work (and a race detector checks it).
struct Board {
  std::atomic<std::uint64_t> inside{0};  // the id of the hold that entered last; 0 once it left
  alignas(64) std::int64_t counter = 0;  // plain on purpose
  alignas(64) std::atomic<bool> enough{false};  // the faults were reached: contenders may end
  std::uint32_t slots = 0;
  std::uint32_t capacity = 0;            // log entries for each slot
};

// The board in shared memory; forked children see the same pages.
class Shared {
 public:
  Shared(std::uint32_t slots, std::uint32_t capacity);
  ~Shared();
  Shared(const Shared &) = delete;
  Shared &operator=(const Shared &) = delete;

  Board &board() { return *board_; }
  Slot &slot(std::uint32_t index) { return slots_[index]; }
  Hold &hold(std::uint32_t slot, std::uint32_t index) {
    return holds_[std::size_t{slot} * board_->capacity + index];
  }

  static std::uint64_t id(std::uint32_t slot, std::uint32_t index) {
    return std::uint64_t{slot + 1} << 32 | (index + 1);
  }
  static std::uint32_t slot_of(std::uint64_t id) { return static_cast<std::uint32_t>(id >> 32) - 1; }
  static std::uint32_t index_of(std::uint64_t id) { return static_cast<std::uint32_t>(id) - 1; }
  Hold *find(std::uint64_t id);  // null: no such hold

 private:
  std::size_t size_;
  void *memory_;
  Board *board_;
  Slot *slots_;
  Hold *holds_;
};

}  // namespace contention
