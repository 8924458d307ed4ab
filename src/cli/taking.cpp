#include "cli/taking.hpp"

#include <new>

#include "cli/holder.hpp"
#include "cli/interruptible.hpp"
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

}  // namespace

Options make_options(const LockArguments &arguments) {
  Options options;
  if (vfslock_options_new(Out(options), nullptr) != VFSLOCK_OK) throw std::bad_alloc();
  // A setter that fails spoils its options, and acquire reports it.
  vfslock_options *const raw = options.get();
  vfslock_options_set_ttl_ms(raw, arguments.ttl_ms, nullptr);
  if (!arguments.owner.empty()) vfslock_options_set_owner_id(raw, arguments.owner.c_str(), nullptr);
  vfslock_options_set_require(raw, arguments.require, nullptr);
  vfslock_options_set_keep_record(raw, arguments.keep, nullptr);
  vfslock_options_set_create_parents(raw, arguments.create_parents, nullptr);
  for (const auto &[name, value] : arguments.attributes)
    vfslock_options_set_attribute(raw, name.c_str(), value.c_str(), nullptr);
  if (arguments.adopt_empty) vfslock_options_set(raw, "adopt_empty", "true", nullptr);
  vfslock_options_set(raw, "steal", arguments.steal.c_str(), nullptr);
  if (arguments.refuse_stale)
    vfslock_options_on_stale(
        raw, [](void *, const vfslock_event *) -> std::int32_t { return 2; }, nullptr, nullptr, nullptr);
  return options;
}

Acquired take(vfslock_client *client, const LockArguments &arguments, vfslock_options *options, Signals &signals,
              Console &console) {
  Waiting waiting(arguments.uri, console);
  vfslock_options_on_waiting(options, Waiting::on_waiting, &waiting, nullptr, nullptr);
  Acquired result;
  result.signal = interruptible(signals, console, [&](vfslock_cancel *cancel) {
    result.status = vfslock_acquire(client, arguments.uri.c_str(), options, arguments.wait_ms, cancel, Out(result.lock),
                                    Out(result.error));
  });
  console.erase_live();
  vfslock_options_on_waiting(options, nullptr, nullptr, nullptr, nullptr);
  return result;
}

int tell_refusal(const Acquired &acquired, const LockArguments &arguments, Console &console) {
  if (acquired.signal) {
    const int code = exit_code_of_signal(acquired.signal);
    console.tell({"interrupted", "interrupted by " + signal_name(acquired.signal) + " while waiting for the lock of " + arguments.uri,
                  nullptr, code});
    return code;
  }
  const auto *record = vfslock_error_record(acquired.error.get());
  std::string text = vfslock_error_message(acquired.error.get());
  if (record && acquired.status == VFSLOCK_HELD) text = arguments.uri + " is locked: " + holder_text(record);
  else if (record && acquired.status == VFSLOCK_TIMEOUT)
    text = arguments.uri + " is still locked after " + span_text(arguments.wait_ms) + ": " + holder_text(record);
  else if (record && acquired.status == VFSLOCK_VETOED)
    text = arguments.uri + " is locked, and --on-stale refuse leaves a stale lock alone: " + holder_text(record);
  int code = exit_code_of(acquired.status);
  const bool held = code == exit_held;
  if (held) code = arguments.held_exit;
  console.tell({held ? "refused" : "error", text, record, code});
  return code;
}

}  // namespace vfslock::cli
