#pragma once
// Status codes, errors, and Result<T>: expected outcomes are values, not exceptions.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"

namespace vfslock::impl {

enum class Status : std::int32_t {
#define STATUS(name, code, message, retryable) name = code,
#include "lists/status.def"
#undef STATUS
};

const char *status_name(std::int32_t code) noexcept;     // "HELD"; "UNKNOWN" for a code that is not in the list
const char *status_message(std::int32_t code) noexcept;  // one sentence for people
bool status_retryable(std::int32_t code) noexcept;

// What went wrong, for a program (status, details) and for a person (message: what was wrong and what would be right).
// Never holds a secret.
struct Error {
  Status status = Status::INTERNAL;
  std::string message;
  std::string operation = {};                                  // "acquire", "renew", …; filled in by the C edge
  std::string uri = {};                                        // likewise
  std::string record = {};                                     // bytes of the holder's record, where one was seen
  std::int32_t callback_value = 0;                             // CALLBACK_FAILED: what the handler returned
  std::optional<Duration> retry_after = {};                    // the storage asked for this pause
  std::vector<std::pair<std::string, std::string>> details = {};  // "errno", "http_status", "request_id"
};

// Marks success where there is nothing to return.
struct Done {};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T &operator*() & { return std::get<0>(state_); }
  const T &operator*() const & { return std::get<0>(state_); }
  T &&operator*() && { return std::get<0>(std::move(state_)); }
  T *operator->() { return &std::get<0>(state_); }
  const T *operator->() const { return &std::get<0>(state_); }
  Error &error() { return std::get<1>(state_); }
  const Error &error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// A bad argument or a broken expectation that travels as an exception up to the C edge, and no further.
struct Failure {
  Error error;
};

// An Error with errno's number and text: "cannot open /a/b: Permission denied".
Error errno_error(Status status, const std::string &what, int error_number);

}  // namespace vfslock::impl
