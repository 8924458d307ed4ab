#include "cli/acquire.hpp"

#include <atomic>
#include <thread>

#include "cli/bell.hpp"
#include "cli/holder.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

// Tells of the wait: a live line on a terminal, else once.
class Waiting {
 public:
  Waiting(const std::string &uri, Console &console) : uri_(uri), console_(console) {}

  static std::int32_t on_waiting(void *self, const vfslock_event *event) {
    static_cast<Waiting *>(self)->tell(event);
    return 0;
  }

 private:
  void tell(const vfslock_event *event) {
    const auto *record = vfslock_report_record(vfslock_event_report(event));
    if (console_.live())
      return console_.show_live("waiting " + span_text(vfslock_event_number(event, "waited_ms") / 1000 * 1000) +
                                " for " + uri_ + ": " + holder_short_text(record));
    if (told_) return;
    told_ = true;
    console_.tell({"waiting", "waiting for the lock of " + uri_ + ", " + holder_text(record), record});
  }

  const std::string &uri_;
  Console &console_;
  bool told_ = false;
};

// Signals that came while there is no command: the first that would end this process, or 0.
int take_signals(Signals &signals, Console &console) {
  while (const auto signal = signals.next()) {
    if (signals.ends_us(*signal)) return *signal;
    if (*signal != SIGTSTP) continue;
    console.erase_live();
    signals.stop_self(SIGTSTP, false);  // the terminal has stopped the others of the group
  }
  return 0;
}

}  // namespace

Acquired acquire(vfslock_client *client, const RunArguments &arguments, vfslock_options *options, Signals &signals, Console &console) {
  Waiting waiting(arguments.uri, console);
  vfslock_options_on_waiting(options, Waiting::on_waiting, &waiting, nullptr, nullptr);
  Acquired result;
  Cancel cancel;
  result.status = vfslock_cancel_new(Out(cancel), Out(result.error));
  if (result.status != VFSLOCK_OK) return result;

  Bell bell;
  std::atomic<bool> done{false};
  std::thread acquirer([&] {
    result.status = vfslock_acquire(client, arguments.uri.c_str(), options, arguments.wait_ms, cancel.get(),
                                    Out(result.lock), Out(result.error));
    done = true;
    bell.ring();
  });
  do {
    signals.wait(&bell, -1);
    if (result.signal) continue;  // it was asked to end, and does
    result.signal = take_signals(signals, console);
    if (result.signal) vfslock_cancel_trigger(cancel.get());
  } while (!done);
  acquirer.join();
  console.erase_live();
  vfslock_options_on_waiting(options, nullptr, nullptr, nullptr, nullptr);
  return result;
}

}  // namespace vfslock::cli
