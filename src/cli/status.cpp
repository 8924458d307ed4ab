#include "cli/subcommands.hpp"

#include "cli/handles.hpp"
#include "cli/looking.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

const char *level_text(std::int32_t level) {
  switch (level) {
    case VFSLOCK_GUARANTEE_EXACT: return "exact";
    case VFSLOCK_GUARANTEE_TIMED: return "timed";
    default: return "none";
  }
}

}  // namespace

int perform(const StatusArguments &arguments, Console &console) {
  int code = exit_ok;
  const Report report = look(vfslock_inspect, arguments.uri, console, code);
  if (!report) return code;
  const std::string line = report_line(report.get(), arguments.uri, arguments.json);
  return print_and_exit_with(standing(report.get()).code, line + "\n", console);
}

int perform(const ProbeArguments &arguments, Console &console) {
  int code = exit_ok;
  const Report report = look(vfslock_probe, arguments.uri, console, code);
  if (!report) return code;
  const std::string json = vfslock_report_json(report.get());
  const std::int32_t level = vfslock_report_guarantee(report.get());
  const std::string text = printable(arguments.uri) + ": guarantee " + level_text(level) + "\n" + indented(json);
  return print_and_exit_with(level == VFSLOCK_GUARANTEE_NONE ? exit_config : exit_ok,
                             (arguments.json ? one_line(json) : text) + "\n", console);
}

int perform(const VersionArguments &arguments, Console &console) {
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

int perform(const HelpWanted &help, Console &console) { return print_and_exit_with(exit_ok, help.text, console); }

}  // namespace vfslock::cli
