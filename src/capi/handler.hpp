#pragma once
#include <memory>

#include "vfslock/vfslock.h"

namespace vfslock::impl {

// A caller's handler and its user data, shared by all who may still call it; the last one calls `destroy`.
class UserHandler {
 public:
  UserHandler() = default;
  // Also where this throws, destroy has been called once.
  UserHandler(vfslock_handler handler, void *user_data, vfslock_destroy destroy)
      : handler_(handler), user_data_(user_data, [destroy](void *data) {
          if (destroy) destroy(data);
        }) {}

  explicit operator bool() const { return handler_ != nullptr; }
  std::int32_t operator()(const vfslock_event &event) const { return handler_(user_data_.get(), &event); }

 private:
  vfslock_handler handler_ = nullptr;
  std::shared_ptr<void> user_data_;
};

}  // namespace vfslock::impl
