#include "runtime/engine.hpp"

#include "base/clock.hpp"
#include "base/fork.hpp"
#include "runtime/ambient.hpp"

namespace vfslock::impl {

Engine::~Engine() {
  if (keeper_ && generation_ != fork_generation()) abandon(std::move(keeper_));
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

Result<std::shared_ptr<Lock>> acquire(Engine &engine, const Target &target, Options options, Handlers &handlers,
                                      Listener &listener, const Wait &wait) {
  options.host = host_name();
  options.pid = process_id();
  options.boot_id = boot_id();
  auto got = acquire(target, options, handlers, wait);
  if (!got) return got.error();

  std::unique_ptr<Holder> holder = std::move(*got);
  std::shared_ptr<Lock> lock;
  // Nothing half-held (F34): what cannot be looked after is given back.
  const auto give_back = [&] {
    if (lock) lock->mute(), (void)lock->release({});
    else (void)holder->release({target.clock->now() + request_time(options.lease, holder->guarantee()), nullptr});
  };
  try {
    auto record = std::make_shared<const Record>(holder->record());
    lock = std::make_shared<Lock>(holder, std::move(record), options.renewal, listener, engine.keeper());
    listener.held(lock);
    if (lock->look_after()) return lock;
  } catch (...) {
    give_back();
    throw;
  }
  give_back();
  return Error{Status::UNAVAILABLE, "the system gives no thread to renew the lock; it was released again"};
}

}  // namespace vfslock::impl
