#pragma once
// What a client's locks share in one process, and how they begin.
#include <memory>

#include "lock/acquire.hpp"
#include "runtime/lock.hpp"

namespace vfslock::impl {

class Engine {
 public:
  Engine() = default;
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  // A forked child gets its own: the parent's threads are not there.
  std::shared_ptr<Keeper> keeper();

 private:
  std::shared_ptr<Keeper> keeper_;
  std::uint64_t generation_ = 0;
};

Target target_of(std::shared_ptr<Store> store, std::string key);

// `options` without what this process knows of itself: host, pid and boot are filled in.
Result<std::shared_ptr<Lock>> acquire(Engine &engine, const Target &target, Options options, Handlers &handlers,
                                      Listener &listener, const Wait &wait);

Result<std::shared_ptr<Lock>> resume(Engine &engine, const Target &target, const Resumption &wish, Listener &listener,
                                     const Call &call);

}  // namespace vfslock::impl
