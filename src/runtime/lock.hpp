#pragma once
// A held lock as threads share it: one operation at a time, background renewal, its events told in order.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "lock/keep.hpp"
#include "runtime/keeper.hpp"

namespace vfslock::impl {

// Who is told what happens to a lock: on a thread of the library, without any mutex, one call at a time.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual bool listens() const noexcept = 0;  // to the two below; else no thread is needed for them
  virtual void held(std::shared_ptr<class Lock> lock) = 0;  // first, on the acquiring thread
  virtual void at_risk(Error cause, Duration left) noexcept = 0;
  virtual void lost(Error error, Loss reason) noexcept = 0;
};

class Lock final : public std::enable_shared_from_this<Lock> {
 public:
  // The listener is not called after mute(). The holder is taken only when nothing can fail any more.
  Lock(std::unique_ptr<Holder> &holder, bool renewal, Listener &listener, std::shared_ptr<Keeper> keeper);

  // To be called once; false when the system gives no thread to look after the lock.
  [[nodiscard]] bool look_after();

  // Any time, no I/O, no mutex.
  bool forked() const;  // the parent's lock: nothing else may be called, and abandon() is its end
  State state();
  Duration remaining();
  BootTime deadline() const { return holder_->belief().deadline(); }

  std::shared_ptr<const Record> record() const;  // as it was last written
  const Guarantee &guarantee() const { return holder_->guarantee(); }

  // How long a call may take; nullopt: R11's own bound.
  struct Patience {
    std::optional<Duration> time;
    const Cancel *cancel = nullptr;
  };
  Result<Duration> renew(std::optional<Duration> lease, const Patience &patience);
  Result<Duration> check(const Patience &patience);
  Result<Done> release(const Patience &patience);
  Result<int> inherit();

  void mute() noexcept;   // no further call of the listener begins
  void leave() noexcept;  // R5: nobody hears "held" any more, and nobody renews
  // Waits for a running call of the listener and then calls `then`; inside that call: leaves it to the end of the call.
  void after_handlers(std::function<void()> then) noexcept;

  void drop() noexcept;  // lets the proof of life go; the record stays

  // For the keeper.
  Keeper::Place &place() { return place_; }
  static std::shared_ptr<Job> tending(const std::shared_ptr<Lock> &lock) { return {lock, &lock->tending_}; }
  void end() noexcept;  // the lease may be over

 private:
  class Turn;
  struct Tending final : Job {
    explicit Tending(Lock &its) : lock(its) {}
    void run() noexcept override { lock.tend(); }
    Lock &lock;
  };
  struct Telling final : Job {
    explicit Telling(Lock &its) : lock(its) {}
    void run() noexcept override { lock.tell(); }
    Lock &lock;
  };

  void tend() noexcept;
  void tell() noexcept;
  void let_life_go() noexcept;
  void note_risk(Error cause) noexcept;
  void note_loss() noexcept;
  void settle() noexcept;
  BootTime until(const Patience &patience) const;

  Care care_;  // belongs to whose turn it is, as the holder does
  const bool renewal_;
  const std::shared_ptr<Keeper> keeper_;
  const std::uint64_t generation_;
  std::atomic<bool> leaving_{false};
  std::atomic<bool> poked_{false};    // the keeper was told of this bad spell of the clock
  Keeper::Place place_;               // guarded by the keeper
  Tending tending_{*this};
  Telling telling_{*this};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const Record> record_;
  bool busy_ = false;             // somebody has the turn (R10)
  Cancel *background_ = nullptr;  // what ends the keeper's renewal in flight
  Listener *listener_;  // null: nobody listens
  bool risk_due_ = false;        // to be told:
  std::unique_ptr<Error> risk_;  // its cause; null where there was no memory for it
  Duration left_{};              // how much time was left
  bool loss_due_ = false;        // to be told
  bool loss_noted_ = false;
  bool telling_now_ = false;
  std::function<void()> after_handler_;

  const std::unique_ptr<Holder> holder_;
};

}  // namespace vfslock::impl
