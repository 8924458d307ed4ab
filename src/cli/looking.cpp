#include "cli/looking.hpp"

#include <cerrno>
#include <cstring>

#include "cli/client.hpp"
#include "cli/holder.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {

Standing standing(const vfslock_report *report) {
  const auto *record = vfslock_report_record(report);
  const std::string reason = vfslock_report_reason(report);
  const std::string because = reason.empty() ? "" : ": " + reason;
  switch (vfslock_report_state(report)) {
    case VFSLOCK_REPORT_FREE:
    case VFSLOCK_REPORT_RELEASED: return {exit_ok, "free"};
    case VFSLOCK_REPORT_STALE:
      return {exit_ok, "stale, free to be taken" + because + (record ? "; " + holder_text(record) : "")};
    case VFSLOCK_REPORT_CORRUPT: return {exit_storage, "held by somebody unknown" + because};
    default: return {exit_held, holder_text(record)};
  }
}

std::string report_line(const vfslock_report *report, const std::string &uri, bool json) {
  return json ? one_line(vfslock_report_json(report)) : printable(uri + ": " + standing(report).text);
}

int tell_error(const Error &error, Console &console) {
  const int code = exit_code_of(vfslock_error_status(error.get()));
  console.tell({"error", vfslock_error_message(error.get()), vfslock_error_record(error.get()), code});
  return code;
}

int print_and_exit_with(int code, const std::string &text, Console &console) {
  if (print(text)) return code;
  const std::string why = std::strerror(errno);
  console.tell({"error", "cannot write to standard output: " + why, nullptr, exit_storage});
  return exit_storage;
}

// The report, or nullptr and an exit code once what went wrong has been told.
Report look(Look look, const std::string &uri, Console &console, int &code) {
  const Client client = open_client(console);
  Report report;
  Error error;
  const auto status = look(client.get(), uri.c_str(), VFSLOCK_OWN_BOUND, nullptr, Out(report), Out(error));
  if (status == VFSLOCK_OK) return report;
  code = tell_error(error, console);
  return nullptr;
}

}  // namespace vfslock::cli
