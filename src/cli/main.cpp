#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "cli/arguments.hpp"
#include "cli/console.hpp"
#include "cli/subcommands.hpp"
#include "cli/text.hpp"
#include "cli/usage.hpp"

namespace vfslock::cli {
namespace {

// A standard stream that is closed would be given to the next file that is opened, and messages would be written
// into a lock's record. What stands there instead answers as a closed stream does, and the command finds it closed.
void occupy_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    if (::open("/dev/null", (stream == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != stream) ::_exit(exit_internal);
  }
}

// Before anything is checked, so that a usage error is told in the form that was asked for.
bool wants_json(int argc, const char *const *argv) {
  for (int i = 1; i < argc && argv[i] != std::string("--"); ++i)
    if (argv[i] == std::string("--json")) return true;
  return false;
}

int dispatch(const Arguments &arguments, Console &console) {
  return std::visit([&](const auto &wanted) { return perform(wanted, console); }, arguments);
}

int attempt(int argc, const char *const *argv, Console &console) {
  try {
    return dispatch(parse_arguments(argc, argv), console);
  } catch (const UsageError &problem) {
    std::string page;
    if (argc > 1 && is_subcommand(argv[1])) page = std::string(argv[1]) + " ";
    console.tell({"error", problem.what() + std::string(" (see vfslock ") + page + "--help)", nullptr, exit_usage});
    return exit_usage;
  } catch (const std::bad_alloc &) {
    console.tell({"error", "out of memory", nullptr, exit_internal});
  } catch (const std::exception &problem) {
    console.tell({"error", problem.what(), nullptr, exit_internal});
  }
  return exit_internal;
}

// The command of run may end with any code; this file tells whose code it was.
void write_outcome(const char *path, Console &console, int code) {
  std::string outcome = console.outcome();
  if (outcome.empty())
    outcome = JsonLine().text("outcome", "command").number("exit_code", code).text("message", "").str();
  std::ofstream file(path);
  file << outcome << "\n" << std::flush;
  if (!file) console.tell({"error", std::string("cannot write ") + path + ", which VFSLOCK_STATUS_FILE names"});
}

}  // namespace
}  // namespace vfslock::cli

int main(int argc, char **argv) {
  using namespace vfslock::cli;
  occupy_standard_streams();
  Console console(wants_json(argc, argv));
  const int code = attempt(argc, argv, console);
  const char *path = std::getenv("VFSLOCK_STATUS_FILE");
  if (path && argc > 1 && argv[1] == std::string("run")) write_outcome(path, console, code);
  return code;
}
