#include "cli/status.hpp"

#include <cerrno>
#include <cstring>

#include "cli/client.hpp"
#include "cli/handles.hpp"
#include "cli/holder.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

struct Standing {
  int code;
  std::string text;
};

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

const char *level_text(std::int32_t level) {
  switch (level) {
    case VFSLOCK_GUARANTEE_EXACT: return "exact";
    case VFSLOCK_GUARANTEE_TIMED: return "timed";
    default: return "none";
  }
}

}  // namespace

int print_and_exit_with(int code, const std::string &text, Console &console) {
  if (print(text)) return code;
  const std::string why = std::strerror(errno);
  console.tell({"error", "cannot write to standard output: " + why, nullptr, exit_storage});
  return exit_storage;
}

namespace {

using Look = decltype(&vfslock_inspect);

// The report, or nullptr and an exit code once what went wrong has been told.
Report look(Look look, const std::string &uri, Console &console, int &code) {
  const Client client = open_client();
  Report report;
  Error error;
  const auto status = look(client.get(), uri.c_str(), VFSLOCK_OWN_BOUND, nullptr, Out(report), Out(error));
  if (status == VFSLOCK_OK) return report;
  code = exit_code_of(status);
  console.tell({"error", vfslock_error_message(error.get()), vfslock_error_record(error.get()), code});
  return nullptr;
}

}  // namespace

int status(const StatusArguments &arguments, Console &console) {
  int code = exit_ok;
  const Report report = look(vfslock_inspect, arguments.uri, console, code);
  if (!report) return code;
  const Standing found = standing(report.get());
  const std::string line = arguments.json ? one_line(vfslock_report_json(report.get()))
                                          : printable(arguments.uri + ": " + found.text);
  return print_and_exit_with(found.code, line + "\n", console);
}

int probe(const ProbeArguments &arguments, Console &console) {
  int code = exit_ok;
  const Report report = look(vfslock_probe, arguments.uri, console, code);
  if (!report) return code;
  const std::string json = vfslock_report_json(report.get());
  const std::int32_t level = vfslock_report_guarantee(report.get());
  const std::string text = printable(arguments.uri) + ": guarantee " + level_text(level) + "\n" + indented(json);
  return print_and_exit_with(level == VFSLOCK_GUARANTEE_NONE ? exit_config : exit_ok,
                             (arguments.json ? one_line(json) : text) + "\n", console);
}

int version(const VersionArguments &arguments, Console &console) {
  std::string schemes, list;
  for (std::int32_t i = 0; const char *scheme = vfslock_scheme_at(i); ++i) {
    schemes += std::string(i ? ", " : "") + scheme;
    list += std::string(i ? "," : "") + '"' + scheme + '"';
  }
  const std::string number = vfslock_version_string();
  const std::string json = JsonLine().text("version", number).raw("schemes", "[" + list + "]").str();
  const std::string text = "vfslock " + number + "\nstorages: " + schemes;
  return print_and_exit_with(exit_ok, (arguments.json ? json : text) + "\n", console);
}

}  // namespace vfslock::cli
