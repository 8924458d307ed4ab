#pragma once
// Checks of arguments: each throws a Failure that says what would be right.
#include <memory>
#include <string_view>

#include "capi/handles.hpp"
#include "runtime/lock.hpp"

namespace vfslock::impl {

[[noreturn]] void refuse(std::string message);  // INVALID_ARGUMENT

template <class T>
T &given(T *pointer, const char *name) {
  if (!pointer) refuse(std::string(name) + " must not be NULL");
  return *pointer;
}

std::string_view text_arg(const char *text, const char *name);
Duration ttl_arg(std::int64_t ttl_ms);
Wait wait_arg(std::int64_t wait_ms, const Cancel *cancel);
bool flag_arg(std::int32_t flag, const char *name);
std::shared_ptr<Cancel> cancel_arg(const vfslock_cancel *cancel);  // may be null
std::optional<Duration> timeout_arg(std::int64_t timeout_ms);
Lock &lock_arg(const vfslock_lock *lock);  // FORKED in a child

// REENTRANT inside a stale or waiting handler: the acquisition in which it was called is between two requests.
void refuse_while_deciding(const char *operation);

}  // namespace vfslock::impl
