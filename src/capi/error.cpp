#include "capi/objects.hpp"

namespace vfslock::impl {

vfslock_error *new_error(const Site &site, Error error) {
  error.operation = site.operation;
  if (error.uri.empty()) error.uri = site.uri;
  if (error.message.empty()) error.message = status_message(static_cast<std::int32_t>(error.status));
  auto record = record_of(error.record);
  return new vfslock_error{std::move(error), std::move(record)};
}

}  // namespace vfslock::impl

using namespace vfslock::impl;

vfslock_status vfslock_error_status(const vfslock_error *error) {
  return error ? static_cast<vfslock_status>(error->error.status) : VFSLOCK_OK;
}

const char *vfslock_error_message(const vfslock_error *error) {
  if (!error) return nullptr;
  // The one without memory has no text of its own.
  return error->error.message.empty() ? vfslock_status_message(vfslock_error_status(error)) : error->error.message.c_str();
}

const char *vfslock_error_uri(const vfslock_error *error) { return error ? error->error.uri.c_str() : nullptr; }
const char *vfslock_error_operation(const vfslock_error *error) { return error ? error->error.operation.c_str() : nullptr; }

std::int32_t vfslock_error_retryable(const vfslock_error *error) {
  return error && status_retryable(static_cast<std::int32_t>(error->error.status)) ? 1 : 0;
}

std::int32_t vfslock_error_callback_value(const vfslock_error *error) { return error ? error->error.callback_value : 0; }

const vfslock_record *vfslock_error_record(const vfslock_error *error) {
  return error && error->record ? &*error->record : nullptr;
}

const char *vfslock_error_detail(const vfslock_error *error, const char *field) {
  if (!error || !field) return nullptr;
  for (const auto &[name, value] : error->error.details)
    if (name == field) return value.c_str();
  return nullptr;
}

void vfslock_error_free(vfslock_error *error) {
  if (error != no_memory()) delete error;
}
