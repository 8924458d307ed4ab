// break: the operator's override, which names exactly what it ends.
#include "cli/client.hpp"
#include "cli/looking.hpp"
#include "cli/subcommands.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

int ask_for_id(const BreakArguments &arguments, Console &console) {
  int code = exit_ok;
  const Report report = look(vfslock_inspect, arguments.uri, console, code);
  if (!report) return code;
  const std::string id = vfslock_report_id(report.get());
  const std::int32_t state = vfslock_report_state(report.get());
  if (state == VFSLOCK_REPORT_FREE || state == VFSLOCK_REPORT_RELEASED) {
    console.tell({"error", "there is no lock to break: " + arguments.uri + " is free", nullptr, exit_storage});
    return exit_storage;
  }
  console.tell({"error", arguments.uri + ": " + standing(report.get()).text + ". Whoever holds it learns of a break only at the next "
                             "renewal: make sure that it does not work any more, then write: vfslock break " + arguments.uri + " " + id,
                vfslock_report_record(report.get()), exit_usage});
  return exit_usage;
}

}  // namespace

int perform(const BreakArguments &arguments, Console &console) {
  if (arguments.id.empty()) return ask_for_id(arguments, console);
  const Client client = open_client(console);
  Error error;
  if (vfslock_break_lock(client.get(), arguments.uri.c_str(), arguments.id.c_str(), VFSLOCK_OWN_BOUND, nullptr, Out(error)) !=
      VFSLOCK_OK)
    return tell_error(error, console);
  const std::string json = JsonLine().text("uri", arguments.uri).text("id", arguments.id).text("state", "broken").str();
  const std::string text = printable(arguments.uri + ": broken; the next may enter at once, and its holder, if it lives, learns of "
                                                     "it at its next renewal");
  return print_and_exit_with(exit_ok, (arguments.json ? json : text) + "\n", console);
}

}  // namespace vfslock::cli
