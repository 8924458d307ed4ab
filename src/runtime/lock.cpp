#include "runtime/lock.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/fork.hpp"
#include "lock/acquire.hpp"
#include "runtime/frame.hpp"

namespace vfslock::impl {

namespace {

Error released() { return {Status::NOT_HELD, "the lock was released"}; }

// Told even where there is no memory for words.
Error loss_of(const Holder &holder) noexcept {
  try {
    return holder.lost_error();
  } catch (const std::bad_alloc &) {
    return {Status::LOST, {}};
  }
}

}  // namespace

// R10: one operation at a time. Waits for it until a time, or until cancelled.
class Lock::Turn {
 public:
  Turn(Lock &lock, BootTime until, const Cancel *cancel) : lock_(lock) {
    constexpr Duration look_at_cancel = std::chrono::milliseconds(20);
    constexpr Duration longest_wait = std::chrono::seconds(1);  // the condition's clock stops in suspend
    Clock &clock = *lock.holder_->target().clock;
    std::unique_lock locked(lock.mutex_);
    while (lock.busy_) {
      if (cancel && cancel->is_triggered()) {
        why_ = {Status::CANCELLED, "the call was cancelled while another call on this lock was at work"};
        return;
      }
      const Duration left = until - clock.now();
      if (left <= Duration::zero()) {
        why_ = {Status::UNAVAILABLE, "another call on this lock was still at work when the time was over"};
        return;
      }
      lock.changed_.wait_for(locked, std::min(left, cancel ? look_at_cancel : longest_wait));
    }
    lock.busy_ = has_ = true;
  }
  ~Turn() {
    if (has_) lock_.settle();
  }
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;

  explicit operator bool() const { return has_; }
  const Error &why() const { return why_; }

 private:
  Lock &lock_;
  bool has_ = false;
  Error why_;
};

Lock::Lock(std::unique_ptr<Holder> &holder, bool renewal, Listener &listener, std::shared_ptr<Keeper> keeper)
    : care_(*holder, renewal, *holder->target().random),
      renewal_(renewal),
      keeper_(std::move(keeper)),
      generation_(fork_generation()),
      record_(holder->record()),
      listener_(listener.listens() ? &listener : nullptr),
      holder_(std::move(holder)) {}

bool Lock::look_after() {
  if (!renewal_ && !listener_) return true;  // no time matters to anybody but who asks
  return keeper_->watch(shared_from_this(), care_.due(*holder_));
}

bool Lock::forked() const { return generation_ != fork_generation(); }

State Lock::state() {
  const State state = holder_->state();
  if (state == State::lost) return state;
  if (leaving_.load(std::memory_order_acquire)) return State::released;
  // R15: one renewal decides, and there is no need to wait for its time.
  if (state == State::suspect && renewal_ && !poked_.exchange(true)) keeper_->hurry(*this);
  return state;
}

Duration Lock::remaining() { return state() == State::held ? holder_->remaining() : Duration::zero(); }

std::shared_ptr<const Record> Lock::record() const {
  const std::lock_guard locked(mutex_);
  return record_;
}

BootTime Lock::until(const Patience &patience) const {
  const Duration time = patience.time ? *patience.time : request_time(record()->lease, guarantee());
  return saturating_add(holder_->target().clock->now(), time);
}

Result<Duration> Lock::renew(std::optional<Duration> lease, const Patience &patience) {
  if (lease)
    if (auto checked = check_lease(*lease, renewal_, guarantee()); !checked) return checked.error();
  const Call call{until(patience), patience.cancel};
  Turn turn(*this, call.deadline, call.cancel);
  if (!turn) return turn.why();
  if (state() == State::released) return released();
  const BootTime sent = holder_->target().clock->now();
  auto left = holder_->renew(lease, call);
  // What failed may have lowered the deadline (R9): the next renewal in the background must not wait for its old time.
  if (left) care_.renewed(*holder_, sent);
  else care_.hurry();
  if (left && leaving_) return released();
  return left;
}

Result<Duration> Lock::check(const Patience &patience) {
  const Call call{until(patience), patience.cancel};
  Turn turn(*this, call.deadline, call.cancel);
  if (!turn) return turn.why();
  if (state() == State::released) return released();
  auto left = holder_->check(call);
  if (left && leaving_) return released();
  return left;
}

Result<Done> Lock::release(const Patience &patience) {
  // Over a network an answer may be lost: then it takes a look, and perhaps another try.
  const Duration one = request_time(record()->lease, guarantee()), own = guarantee().shared_clock ? one : 3 * one;
  const Call call{until({patience.time.value_or(own), {}}), patience.cancel};
  leave();
  Turn turn(*this, call.deadline, call.cancel);
  if (!turn) return turn.why();
  return holder_->release(call);
}

Result<int> Lock::inherit() {
  Turn turn(*this, until({}), nullptr);
  if (!turn) return turn.why();
  switch (state()) {
    case State::lost: return holder_->lost_error();
    case State::released: return released();
    case State::held:
    case State::suspect: break;
  }
  return holder_->tenure() ? holder_->tenure()->inherit() : -1;
}

void Lock::leave() noexcept {
  leaving_.store(true, std::memory_order_release);
  keeper_->forget(*this);
  const std::lock_guard locked(mutex_);
  if (background_) background_->trigger();  // R10: a renewal in flight ends early
}

void Lock::drop() noexcept {
  constexpr Duration patience = std::chrono::seconds(1);
  leave();
  // A renewal that does not end in this time ends the proof of life when it does.
  Turn turn(*this, saturating_add(holder_->target().clock->now(), patience), nullptr);
  if (turn) holder_->tenure().reset();
}

void Lock::tend() noexcept {
  Cancel cancel;
  {
    const std::lock_guard locked(mutex_);
    if (busy_ || leaving_) return;  // whose turn it is tells the keeper what is due next
    busy_ = true;
    background_ = &cancel;
  }
  if (holder_->state() == State::suspect) care_.hurry();
  Care::Tended tended = care_.tend(*holder_, &cancel);
  if (tended.news == Care::News::at_risk && !leaving_) note_risk(std::move(*tended.cause));
  settle();
}

// The end of a turn.
void Lock::settle() noexcept {
  std::shared_ptr<const Record> record = holder_->record();
  const State state = holder_->state();
  if (state == State::lost) note_loss();
  if (state == State::held) poked_.store(false);
  const BootTime due = care_.due(*holder_);
  const std::lock_guard locked(mutex_);
  record_.swap(record);  // the old one is freed after the mutex
  busy_ = false;
  background_ = nullptr;
  // While the mutex is held: a worker that comes now must find the turn free and the time set, or neither.
  if (state == State::lost || state == State::released || leaving_) keeper_->forget(*this);
  else keeper_->schedule(*this, due);
  changed_.notify_all();
}

void Lock::end() noexcept {
  if (holder_->state() == State::lost) note_loss();
}

void Lock::note_risk(Error cause) noexcept {
  const Duration left = holder_->remaining();
  const std::lock_guard locked(mutex_);
  if (!listener_) return;
  risk_due_ = true;
  try {
    risk_ = std::make_unique<Error>(std::move(cause));
  } catch (const std::bad_alloc &) {
    risk_.reset();
  }
  left_ = left;
  keeper_->events().post({shared_from_this(), &telling_});
}

void Lock::note_loss() noexcept {
  const std::lock_guard locked(mutex_);
  if (loss_noted_) return;
  loss_noted_ = loss_due_ = true;
  keeper_->events().post({shared_from_this(), &telling_});
}

// Tells all news, in order. One thread at a time: who comes while another is at it leaves the news to that one.
void Lock::tell() noexcept {
  std::unique_lock locked(mutex_);
  if (telling_now_) return;
  telling_now_ = true;
  while (risk_due_ || loss_due_) {
    Listener *const listener = listener_;
    const bool risk = std::exchange(risk_due_, false);
    if (!risk) loss_due_ = false;
    const std::unique_ptr<Error> cause = std::move(risk_);
    const Duration left = left_;
    locked.unlock();
    if (listener) {
      const HandlerFrame frame(this);
      if (risk) listener->at_risk(cause ? std::move(*cause) : Error{Status::NO_MEMORY, {}}, left);
      else listener->lost(loss_of(*holder_), holder_->loss());
    }
    // On a local disk the next holder may enter only now, when the loser knows.
    if (!risk) let_life_go();
    locked.lock();
  }
  telling_now_ = false;
  const auto then = std::move(after_handler_);
  after_handler_ = nullptr;
  changed_.notify_all();
  locked.unlock();
  if (then) then();
}

void Lock::let_life_go() noexcept {
  Turn turn(*this, never, nullptr);
  if (turn) holder_->tenure().reset();
}

void Lock::mute() noexcept {
  const std::lock_guard locked(mutex_);
  listener_ = nullptr;
}

void Lock::after_handlers(std::function<void()> then) noexcept {
  {
    std::unique_lock locked(mutex_);
    if (telling_now_ && HandlerFrame::inside(this)) {
      after_handler_ = std::move(then);
      return;
    }
    changed_.wait(locked, [this] { return !telling_now_; });
  }
  then();
}

}  // namespace vfslock::impl
