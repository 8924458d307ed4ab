#include "base/json.hpp"
#include "base/uri.hpp"
#include "base/utf8.hpp"
#include "capi/objects.hpp"

namespace vfslock::impl {
namespace {

std::int32_t state_of(Standing standing) {
  switch (standing) {
    case Standing::free: return VFSLOCK_REPORT_FREE;
    case Standing::held: return VFSLOCK_REPORT_HELD;
    case Standing::stale: return VFSLOCK_REPORT_STALE;
    case Standing::released: return VFSLOCK_REPORT_RELEASED;
    case Standing::corrupt: return VFSLOCK_REPORT_CORRUPT;
    case Standing::foreign: return VFSLOCK_REPORT_FOREIGN;
  }
  return 0;
}

const char *to_text(Level level) {
  switch (level) {
    case Level::none: return "none";
    case Level::timed: return "timed";
    case Level::exact: return "exact";
  }
  return "";
}

// A relative path may hold bytes that JSON cannot: they are written as in a URI.
json::Value text(const std::string &bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = utf8_length(std::string_view(bytes).substr(at));
    if (length == 0) append_escape(out, bytes[at]);
    else out.append(bytes, at, length);
    at += length == 0 ? 1 : length;
  }
  return json::Value::of(std::move(out));
}

std::string json_of(const vfslock_report &report, const Judgement &judgement, const Surroundings &around) {
  json::Value out = json::Value::object();
  out.add("uri", text(report.uri));
  out.add("state", text(to_text(judgement.standing)));
  out.add("reason", text(report.reason));
  out.add("evidence", text(to_text(judgement.evidence)));
  out.add("id", text(report.id));
  out.add("guarantee", text(to_text(around.guarantee.level)));
  out.add("guarantee_how", text(around.guarantee.how));
  if (around.clock_skew) out.add("clock_skew_ms", json::Value::of(whole_ms(*around.clock_skew)));
  if (judgement.record) {
    out.add("age_ms", json::Value::of(whole_ms(judgement.age)));
    out.add("unchanged_ms", json::Value::of(whole_ms(judgement.unchanged)));
    if (auto record = json::parse(judgement.bytes)) out.add("record", std::move(*record));
  }
  if (around.probe) out.add("probe", *around.probe);
  return json::write(out);
}

}  // namespace

std::unique_ptr<vfslock_report> report_of(const std::string &uri, const Judgement &judgement, const Surroundings &around) {
  auto out = std::make_unique<vfslock_report>();
  out->uri = uri;
  out->id = id_of(judgement);
  out->reason = judgement.why;
  out->state = state_of(judgement.standing);
  out->guarantee = static_cast<std::int32_t>(around.guarantee.level);
  out->json = json_of(*out, judgement, around);
  out->record = record_of(judgement.bytes);
  return out;
}

}  // namespace vfslock::impl

const char *vfslock_report_uri(const vfslock_report *report) { return report ? report->uri.c_str() : nullptr; }
const char *vfslock_report_id(const vfslock_report *report) { return report ? report->id.c_str() : nullptr; }
const char *vfslock_report_reason(const vfslock_report *report) { return report ? report->reason.c_str() : nullptr; }
const char *vfslock_report_json(const vfslock_report *report) { return report ? report->json.c_str() : nullptr; }
std::int32_t vfslock_report_state(const vfslock_report *report) { return report ? report->state : 0; }
std::int32_t vfslock_report_guarantee(const vfslock_report *report) {
  return report ? report->guarantee : VFSLOCK_GUARANTEE_NONE;
}

const vfslock_record *vfslock_report_record(const vfslock_report *report) {
  return report && report->record ? &*report->record : nullptr;
}

void vfslock_report_free(vfslock_report *report) { delete report; }
