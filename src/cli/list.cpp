// ls: the locks below a place.
#include "cli/client.hpp"
#include "cli/looking.hpp"
#include "cli/subcommands.hpp"

namespace vfslock::cli {

int perform(const ListArguments &arguments, Console &console) {
  const Client client = open_client(console);
  List list;
  Error error;
  if (vfslock_list_new(client.get(), arguments.prefix.c_str(), Out(list), Out(error)) != VFSLOCK_OK)
    return tell_error(error, console);
  int code = exit_ok;
  for (;;) {
    Report report;
    if (vfslock_list_next(list.get(), VFSLOCK_OWN_BOUND, nullptr, Out(report), Out(error)) != VFSLOCK_OK) {
      code = tell_error(error, console);
      if (code == exit_unavailable) return code;  // it would be asked for each lock again
      continue;
    }
    if (!report) return code;
    const std::string line = report_line(report.get(), vfslock_report_uri(report.get()), arguments.json);
    if (const int printed = print_and_exit_with(exit_ok, line + "\n", console)) return printed;
  }
}

}  // namespace vfslock::cli
