#include "cli/subcommands.hpp"

#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "cli/child.hpp"
#include "cli/client.hpp"
#include "cli/handles.hpp"
#include "cli/holder.hpp"
#include "cli/keeping.hpp"
#include "cli/program.hpp"
#include "cli/signals.hpp"
#include "cli/supervise.hpp"
#include "cli/taking.hpp"
#include "cli/terminal.hpp"
#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

class Run {
 public:
  Run(const RunArguments &arguments, Console &console)
      : arguments_(arguments), console_(console), program_(arguments.command), keeping_(arguments.uri, console) {}

  int run();

 private:
  void set_environment();
  int work();
  int lost();
  int give_back(int command_code);
  int fail(const Error &error);

  const RunArguments &arguments_;
  Console &console_;
  Signals signals_;
  Program program_;
  Keeping keeping_;
  Lock lock_;
};

int Run::run() {
  const Options options = make_options(arguments_);
  keeping_.listen(options.get());
  const Client client = open_client(console_);
  Acquired acquired = take(client.get(), arguments_, options.get(), signals_, console_);
  lock_ = std::move(acquired.lock);
  if (acquired.signal) {
    keeping_.command_is_gone();
    return tell_refusal(acquired, arguments_, console_);  // and gives back what came at the last moment
  }
  if (acquired.status != VFSLOCK_OK) return tell_refusal(acquired, arguments_, console_);
  // Whatever happens from here on, a lost handler must not wait for a command that is not there.
  struct Gone {
    Keeping &keeping;
    ~Gone() { keeping.command_is_gone(); }
  } gone{keeping_};
  return work();
}

void Run::set_environment() {
  Record record;
  vfslock_lock_record(lock_.get(), Out(record), nullptr);
  const char *json = vfslock_record_json(record.get());
  program_.set_environment({{"VFSLOCK_TOKEN", std::to_string(vfslock_lock_token(lock_.get()))},
                            {"VFSLOCK_URI", vfslock_lock_uri(lock_.get())},
                            {"VFSLOCK_RECORD", json ? json : ""}});
  if (arguments_.json) console_.tell({"acquired", "took the lock of " + arguments_.uri, record.get()});
}

int Run::work() {
  set_environment();
  Terminal terminal;
  std::int32_t proof = -1;
  Error error;
  if (vfslock_lock_inherit(lock_.get(), &proof, Out(error)) != VFSLOCK_OK) return fail(error);
  struct Close {
    std::int32_t descriptor;
    ~Close() {
      if (descriptor >= 0) ::close(descriptor);
    }
  };
  bool by_itself;
  int code;
  {
    std::optional<Child> child;
    {
      const Close proof_of_parent{proof};
      if (proof >= 0) ::fcntl(proof, F_SETFD, FD_CLOEXEC);  // the child takes it off for itself
      child.emplace(program_, terminal, signals_, proof);
    }
    by_itself = Supervision(lock_.get(), arguments_.ttl_ms, arguments_.uri, keeping_, *child, terminal, signals_,
                            console_).watch();
    code = child->exit_code();
    // An editor that was killed leaves the terminal as it needed it. A shell would mend that, if it saw the signal.
    const bool had_terminal = terminal.take_back();
    if (had_terminal && (!by_itself || child->ended_by_signal())) terminal.restore_modes();
    // The terminal's Ctrl-C ends everybody in the foreground: also the script that called us, had its group not been
    // in the background for the command.
    if (had_terminal && by_itself)
      for (const int signal : {SIGINT, SIGQUIT})
        if (child->ended_by_signal(signal)) ::kill(0, signal);
  }
  keeping_.command_is_gone();
  return by_itself ? give_back(code) : lost();
}

// The command was ended; what remains is to say so. The record of a lock that is not lost yet is given back.
int Run::lost() {
  Error error;
  const auto status = vfslock_lock_release(lock_.get(), VFSLOCK_OWN_BOUND, nullptr, Out(error));
  std::string why = "it could not be renewed";
  if (keeping_.lost()) why = keeping_.loss();
  else if (status != VFSLOCK_OK) why += std::string(" or given back: ") + vfslock_error_message(error.get());
  const std::string what = "lost the lock of " + arguments_.uri + " and ended the command: ";
  console_.tell({"lost", what + why, nullptr, exit_lost});
  return exit_lost;
}

int Run::give_back(int command_code) {
  Error error;
  const auto status = vfslock_lock_release(lock_.get(), VFSLOCK_OWN_BOUND, nullptr, Out(error));
  if (status == VFSLOCK_OK) return command_code;
  const std::string why = vfslock_error_message(error.get());
  if (exit_code_of(status) == exit_lost) {
    console_.tell({"lost", "lost the lock of " + arguments_.uri + " while the command ran: " + why, nullptr,
                   exit_lost});
    return exit_lost;
  }
  const int code = command_code ? command_code : exit_code_of(status);
  console_.tell({"not_released", "cannot give back the lock of " + arguments_.uri +
                                     ", others may have to wait for its TTL: " + why, nullptr, code});
  return code;
}

int Run::fail(const Error &error) {
  const int code = exit_code_of(vfslock_error_status(error.get()));
  console_.tell({"error", vfslock_error_message(error.get()), nullptr, code});
  return code;
}

}  // namespace

int perform(const RunArguments &arguments, Console &console) {
  try {
    return Run(arguments, console).run();
  } catch (const NoProgram &problem) {
    console.tell({"error", problem.what(), nullptr, problem.exit_code});
    return problem.exit_code;
  }
}

}  // namespace vfslock::cli
