#pragma once
// What a holder on a local disk keeps: the open, locked descriptor of the record.
#include <memory>
#include <mutex>
#include <string>

#include "base/time.hpp"
#include "seam/store.hpp"
#include "storage/local/descriptor.hpp"
#include "storage/local/directory.hpp"

namespace vfslock::impl::local {

class LocalTenure final : public Tenure {
 public:
  LocalTenure(std::shared_ptr<const Directory> directory, std::string key)
      : directory_(std::move(directory)), key_(std::move(key)) {}
  ~LocalTenure() override;

  Result<int> inherit() override;

  // FORKED, or LOST where this program closed the descriptors: nothing may be touched then.
  Result<Done> check() const;

  // The description whose guard this process takes: its own second one once a child has a copy of the first, or a
  // holder killed inside its guard would leave the guard to its child (RELIABILITY §4.3, "renew").
  LockFile &guard() { return inherited_ ? second_ : life; }

  // The proof of life goes and the record stays; waiters are told, which unlocking alone does not do.
  void let_go() noexcept;

  // All of it, when the record was released under the guard.
  void end() noexcept;

  LockFile life;
  BootTime began{};  // before the write that made it a holder
  std::mutex busy;     // one transition or inheritance at a time: no child is made with a copy of a held guard

 private:
  const std::shared_ptr<const Directory> directory_;
  const std::string key_;
  LockFile second_;
  bool inherited_ = false;
};

}  // namespace vfslock::impl::local
