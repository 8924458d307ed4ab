// acquire, renew and release: a tenure that no process keeps, known by its id.
#include "cli/client.hpp"
#include "cli/looking.hpp"
#include "cli/subcommands.hpp"
#include "cli/taking.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

// What programs read of a tenure.
std::string tenure_json(const vfslock_lock *lock) {
  Record record;
  vfslock_lock_record(lock, Out(record), nullptr);
  return JsonLine()
      .text("uri", vfslock_lock_uri(lock))
      .text("id", vfslock_lock_id(lock))
      .number("token", vfslock_lock_token(lock))
      .number("remaining_ms", vfslock_lock_remaining_ms(lock))
      .number("expires_unix_ms", vfslock_record_expires_unix_ms(record.get()))
      .str();
}

std::string for_how_long(const vfslock_lock *lock) {
  const std::int64_t left = vfslock_lock_remaining_ms(lock);
  return left < 0 ? "until it is released: no time ends it" : "for " + span_text((left + 999) / 1000 * 1000) + " unless it is renewed";
}

// The handle of a tenure; nullptr and an exit code once what went wrong has been told.
Lock resume(const std::string &uri, const std::string &id, std::int64_t ttl_ms, Console &console, int &code) {
  const Client client = open_client(console);
  Options options;
  Error error;
  Lock lock;
  auto status = vfslock_options_new(Out(options), Out(error));
  if (status == VFSLOCK_OK) {
    vfslock_options_set_renewal(options.get(), 0, nullptr);
    if (ttl_ms != VFSLOCK_TTL_SAME) vfslock_options_set_ttl_ms(options.get(), ttl_ms, nullptr);
    status = vfslock_resume(client.get(), uri.c_str(), id.c_str(), options.get(), VFSLOCK_OWN_BOUND, nullptr, Out(lock), Out(error));
  }
  if (status != VFSLOCK_OK) code = tell_error(error, console);
  return lock;
}

}  // namespace

int perform(const AcquireArguments &arguments, Console &console) {
  Signals signals;
  const Client client = open_client(console);
  const Options options = make_options(arguments);
  vfslock_options_set_detached(options.get(), 1, nullptr);
  vfslock_options_set_renewal(options.get(), 0, nullptr);
  const Acquired acquired = take(client.get(), arguments, options.get(), signals, console);
  const vfslock_lock *lock = acquired.lock.get();
  if (acquired.signal && lock)  // it came at the last moment, and nobody would know its id
    vfslock_lock_release(acquired.lock.get(), VFSLOCK_OWN_BOUND, nullptr, nullptr);
  if (acquired.signal || acquired.status != VFSLOCK_OK) return tell_refusal(acquired, arguments, console);

  console.tell({"acquired", "took the lock of " + arguments.uri + " " + for_how_long(lock) + "; no process keeps it: renew or " +
                                "release it by its id, as in: vfslock release " + arguments.uri + " " + vfslock_lock_id(lock)});
  const std::string id = vfslock_lock_id(lock);
  const int code = print_and_exit_with(exit_ok, (arguments.json ? tenure_json(lock) : id) + "\n", console);
  // An id that nobody has read is a lock that nobody can give back.
  if (code != exit_ok) vfslock_lock_release(acquired.lock.get(), VFSLOCK_OWN_BOUND, nullptr, nullptr);
  return code;
}

int perform(const RenewArguments &arguments, Console &console) {
  int code = exit_ok;
  const Lock lock = resume(arguments.uri, arguments.id, arguments.ttl_ms, console, code);
  if (!lock) return code;
  const std::string text = printable(arguments.uri + ": held " + for_how_long(lock.get()));
  return print_and_exit_with(exit_ok, (arguments.json ? tenure_json(lock.get()) : text) + "\n", console);
}

int perform(const ReleaseArguments &arguments, Console &console) {
  int code = exit_ok;
  const Lock lock = resume(arguments.uri, arguments.id, VFSLOCK_TTL_SAME, console, code);
  if (!lock) return code;
  Error error;
  if (vfslock_lock_release(lock.get(), VFSLOCK_OWN_BOUND, nullptr, Out(error)) != VFSLOCK_OK) return tell_error(error, console);
  const std::string json = JsonLine().text("uri", vfslock_lock_uri(lock.get())).text("id", arguments.id).text("state", "released").str();
  return print_and_exit_with(exit_ok, arguments.json ? json + "\n" : "", console);
}

}  // namespace vfslock::cli
