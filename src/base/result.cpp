#include "base/result.hpp"

#include <system_error>

namespace vfslock::impl {
namespace {

struct Row {
  std::int32_t code;
  const char *name;
  const char *message;
  bool retryable;
};

constexpr Row rows[] = {
#define STATUS(name, code, message, retryable) {code, #name, message, retryable != 0},
#include "lists/status.def"
#undef STATUS
};

const Row *find(std::int32_t code) noexcept {
  for (const Row &row : rows)
    if (row.code == code) return &row;
  return nullptr;
}

}  // namespace

const char *status_name(std::int32_t code) noexcept {
  const Row *row = find(code);
  return row ? row->name : "UNKNOWN";
}

const char *status_message(std::int32_t code) noexcept {
  const Row *row = find(code);
  return row ? row->message : "a status that this version of vfslock does not know";
}

bool status_retryable(std::int32_t code) noexcept {
  const Row *row = find(code);
  return row && row->retryable;
}

Error errno_error(Status status, const std::string &what, int error_number) {
  // strerror_r has two incompatible forms; the category's message is thread-safe and has one.
  Error error{status, what + ": " + std::generic_category().message(error_number)};
  error.details.emplace_back("errno", std::to_string(error_number));
  return error;
}

}  // namespace vfslock::impl
