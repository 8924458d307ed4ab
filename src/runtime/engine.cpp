#include "runtime/engine.hpp"

#include "base/clock.hpp"
#include "base/fork.hpp"
#include "runtime/ambient.hpp"

namespace vfslock::impl {

Engine::~Engine() {
  if (!keeper_) return;
  if (generation_ != fork_generation()) abandon(std::move(keeper_));
  else keeper_->retire();
}

std::shared_ptr<Keeper> Engine::keeper() {
  const std::lock_guard locked(process_mutex());
  if (!keeper_ || generation_ != fork_generation()) {
    auto fresh = std::make_shared<Keeper>();
    if (keeper_) abandon(std::move(keeper_));
    keeper_ = std::move(fresh);
    generation_ = fork_generation();
  }
  return keeper_;
}

Target target_of(std::shared_ptr<Store> store, std::string key) {
  Ambient &here = ambient();
  return {std::move(store), std::move(key), &here.clock, &here.random, &here.observations};
}

// `resumed`: the tenure was there before this call, so a failure of ours does not end it.
static Result<std::shared_ptr<Lock>> look_after(Engine &engine, std::unique_ptr<Holder> holder, bool renewal, bool resumed,
                                                Listener &listener) {
  std::shared_ptr<Lock> lock;
  Clock &clock = *holder->target().clock;
  const Duration request = request_time(holder->record()->lease, holder->guarantee());
  // Nothing half-held (F34): what cannot be looked after is given back.
  const auto give_back = [&] {
    if (lock) lock->mute();
    if (resumed) return;
    if (lock) (void)lock->release({});
    else (void)holder->release({clock.now() + request, nullptr});
  };
  try {
    lock = std::make_shared<Lock>(holder, renewal, listener, engine.keeper());
    listener.held(lock);
    if (lock->look_after()) return lock;
  } catch (...) {
    give_back();
    throw;
  }
  give_back();
  return Error{Status::UNAVAILABLE, std::string("the system gives no thread to renew the lock; it ") +
                                        (resumed ? "stays as it is" : "was released again")};
}

Result<std::shared_ptr<Lock>> acquire(Engine &engine, const Target &target, Options options, Handlers &handlers,
                                      Listener &listener, const Wait &wait) {
  options.host = host_name();
  options.pid = process_id();
  options.boot_id = boot_id();
  auto holder = acquire(target, options, handlers, wait);
  if (!holder) return holder.error();
  return look_after(engine, std::move(*holder), options.renewal, false, listener);
}

Result<std::shared_ptr<Lock>> resume(Engine &engine, const Target &target, const Resumption &wish, Listener &listener,
                                     const Call &call) {
  auto holder = resume(target, wish, call);
  if (!holder) return holder.error();
  return look_after(engine, std::move(*holder), wish.renewal, true, listener);
}

}  // namespace vfslock::impl
