#pragma once
// The one place where exceptions end: every exported function that can fail runs inside guard().
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vfslock/vfslock.h"

namespace vfslock::impl {

// Where a call is: an error takes these along.
struct Site {
  const char *operation;
  std::string_view uri = {};
  std::string text = {};  // what `uri` views where no handle has it
};

// Writes the error object where one is wanted; returns the status that the call returns.
vfslock_status fail(const Site &site, Error error, vfslock_error **ret_err) noexcept;
// The same for the exception that is being handled. Needs no memory where there is none.
vfslock_status fail_by_exception(const Site &site, vfslock_error **ret_err) noexcept;

// The error object of VFSLOCK_NO_MEMORY, made before it is needed.
vfslock_error *no_memory() noexcept;

template <class Body>
vfslock_status guard(const char *operation, vfslock_error **ret_err, Body body) noexcept {
  Site site{operation};
  try {
    Result<Done> done = body(site);
    return done ? VFSLOCK_OK : fail(site, std::move(done.error()), ret_err);
  } catch (...) {
    return fail_by_exception(site, ret_err);
  }
}

}  // namespace vfslock::impl
