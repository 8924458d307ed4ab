// watch: status again and again.
#include <unistd.h>

#include "cli/client.hpp"
#include "cli/interruptible.hpp"
#include "cli/looking.hpp"
#include "cli/subcommands.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

// What makes two reports different news: not how long ago something was.
std::string news_of(const vfslock_report *report) {
  return std::to_string(vfslock_report_state(report)) + " " + vfslock_report_id(report);
}

int ended_by(int signal, Console &console) {
  console.erase_live();
  return exit_code_of_signal(signal);
}

}  // namespace

int perform(const WatchArguments &arguments, Console &console) {
  Signals signals;
  const Client client = open_client(console);
  const bool refreshes = !arguments.json && console.live() && ::isatty(STDOUT_FILENO);
  std::string last;
  for (;;) {
    Report report;
    Error error;
    vfslock_status status = VFSLOCK_OK;
    int signal = interruptible(signals, console, [&](vfslock_cancel *cancel) {
      status = vfslock_inspect(client.get(), arguments.uri.c_str(), VFSLOCK_OWN_BOUND, cancel, Out(report), Out(error));
    });
    if (signal) return ended_by(signal, console);
    // A storage that is away for a moment is waited for; a lock that cannot be looked at is not.
    if (status != VFSLOCK_OK && !vfslock_error_retryable(error.get())) return tell_error(error, console);
    const std::string news = status == VFSLOCK_OK ? news_of(report.get()) : vfslock_error_message(error.get());
    if (status == VFSLOCK_OK && refreshes) console.show_live(report_line(report.get(), arguments.uri, false));
    else if (news != last && status != VFSLOCK_OK) (void)tell_error(error, console);
    else if (news != last) {
      const int code = print_and_exit_with(exit_ok, report_line(report.get(), arguments.uri, arguments.json) + "\n", console);
      if (code != exit_ok) return code;
    }
    last = news;
    signals.wait(nullptr, static_cast<int>(arguments.interval_ms));
    signal = signals.take(console);
    if (signal) return ended_by(signal, console);
  }
}

}  // namespace vfslock::cli
