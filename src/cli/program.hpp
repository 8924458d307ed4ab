#pragma once
// The command: found and prepared before the lock is taken, so that nothing is left to fail after the fork.
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace vfslock::cli {

// Not there (127), or there and not executable (126).
struct NoProgram : std::runtime_error {
  NoProgram(int code, const std::string &text) : std::runtime_error(text), exit_code(code) {}
  int exit_code;
};
NoProgram no_program(const std::string &name, int error_number);

class Program {
 public:
  // Looks as execvp(3) does. Throws NoProgram.
  explicit Program(const std::vector<std::string> &command);
  Program(const Program &) = delete;  // holds pointers into itself
  Program &operator=(const Program &) = delete;

  void set_environment(const std::vector<std::pair<std::string, std::string>> &variables);

  const std::string &name() const { return arguments_[0]; }
  // Does not return when it succeeds; else errno says why not. Async-signal-safe.
  void execute() const noexcept;

 private:
  std::string path_;
  std::vector<std::string> arguments_, environment_;
  std::vector<char *> argv_, envp_, shell_argv_;
};

}  // namespace vfslock::cli
