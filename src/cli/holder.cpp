#include "cli/holder.hpp"

#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

std::string who(const vfslock_record *record) {
  const std::string owner = vfslock_record_owner_id(record), host = vfslock_record_host(record);
  std::string text = "held";
  if (!owner.empty()) text += " by " + owner;
  text += host.empty() ? " on an unknown host" : " on " + host;
  if (const auto pid = vfslock_record_pid(record)) text += " (PID " + std::to_string(pid) + ")";
  return text;
}

}  // namespace

std::string holder_text(const vfslock_record *record) {
  if (!record) return "held by somebody unknown";
  const std::int64_t until = vfslock_record_expires_unix_ms(record);
  return who(record) + " since " + moment_text(vfslock_record_created_unix_ms(record)) + " (" +
         span_text(vfslock_record_age_ms(record)) + " ago) until " +
         (until < 0 ? "it is released" : moment_text(until) + " unless renewed");
}

std::string holder_short_text(const vfslock_record *record) {
  if (!record) return "held by somebody unknown";
  const auto clock = [](std::int64_t unix_ms) { return moment_text(unix_ms).substr(11, 8); };
  const std::int64_t until = vfslock_record_expires_unix_ms(record);
  const bool today = vfslock_record_age_ms(record) < 86'400'000;
  const std::int64_t since = vfslock_record_created_unix_ms(record);
  return who(record) + " since " + (today ? clock(since) : moment_text(since).substr(0, 19)) +
         (until < 0 ? "" : " until " + clock(until));
}

}  // namespace vfslock::cli
