#include "cli/program.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/exit_codes.hpp"

namespace vfslock::cli {
namespace {

// 0, or why this file cannot be executed.
int obstacle(const std::string &path) {
  struct stat what{};
  if (::stat(path.c_str(), &what) != 0) return errno;
  if (S_ISDIR(what.st_mode)) return EISDIR;
  if (!S_ISREG(what.st_mode)) return EACCES;
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

std::string find(const std::string &name) {
  if (name.find('/') != std::string::npos) {
    if (const int problem = obstacle(name)) throw no_program(name, problem);
    return name;
  }
  const char *path = std::getenv("PATH");
  std::string_view folders = path ? path : "/bin:/usr/bin";
  int problem = ENOENT;
  for (bool more = !name.empty(); more;) {
    const std::size_t end = folders.find(':');
    const std::string_view folder = folders.substr(0, end);
    const std::string candidate = (folder.empty() ? std::string() : std::string(folder) + '/') + name;
    const int found = obstacle(candidate);
    if (!found) return candidate.find('/') == std::string::npos ? "./" + candidate : candidate;
    // What is there and not executable is told only when nothing better follows.
    if (found == EACCES) problem = EACCES;
    more = end != std::string_view::npos;
    if (more) folders.remove_prefix(end + 1);
  }
  throw no_program(name, problem);
}

std::vector<char *> pointers(std::vector<std::string> &texts) {
  std::vector<char *> result;
  for (std::string &text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

NoProgram no_program(const std::string &name, int error_number) {
  const bool missing = error_number == ENOENT || error_number == ENOTDIR;
  const bool searched = name.find('/') == std::string::npos;
  const std::string why = missing && searched ? "command not found" : std::strerror(error_number);
  return {missing ? exit_not_found : exit_not_executable, name + ": " + why};
}

Program::Program(const std::vector<std::string> &command) : path_(find(command.at(0))), arguments_(command) {
  argv_ = pointers(arguments_);
  // A script without #! is the shell's: /bin/sh PATH ARGUMENT...
  shell_argv_ = argv_;
  shell_argv_.insert(shell_argv_.begin() + 1, path_.data());
}

void Program::set_environment(const std::vector<std::pair<std::string, std::string>> &variables) {
  environment_.clear();
  for (char **inherited = ::environ; inherited && *inherited; ++inherited) {
    const std::string_view entry = *inherited;
    bool replaced = false;
    for (const auto &[name, value] : variables) replaced |= entry.substr(0, entry.find('=')) == name;
    if (!replaced) environment_.emplace_back(entry);
  }
  for (const auto &[name, value] : variables) environment_.push_back(name + '=' + value);
  envp_ = pointers(environment_);
}

void Program::execute() const noexcept {
  ::execve(path_.c_str(), argv_.data(), envp_.data());
  if (errno != ENOEXEC) return;
  ::execve("/bin/sh", shell_argv_.data(), envp_.data());
  errno = ENOEXEC;
}

}  // namespace vfslock::cli
