#pragma once
// Makes the immutable objects that callers get: records, errors, reports.
#include <memory>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "lock/judge.hpp"

namespace vfslock::impl {

std::int64_t whole_ms(Duration duration);  // towards zero
std::int64_t left_ms(Duration left);       // -1 where no time ends it

// nullopt where the bytes are no record that can be read.
std::optional<vfslock_record> record_of(const std::string &bytes);
vfslock_error *new_error(const Site &site, Error error);

// What a report says beside the lock itself.
struct Surroundings {
  const Guarantee &guarantee;
  std::optional<Duration> clock_skew = {};
  const json::Value *probe = nullptr;
};
std::unique_ptr<vfslock_report> report_of(const std::string &uri, const Judgement &judgement, const Surroundings &around);

}  // namespace vfslock::impl
