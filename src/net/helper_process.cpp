#include "net/helper_process.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "net/text.hpp"

extern char **environ;

namespace vfslock::impl::net {
namespace {

constexpr Duration longest_run = std::chrono::minutes(1);
constexpr std::size_t longest_output = 64 * 1024;
constexpr std::size_t last_words = 400;

struct Pipe {
  OwnedFd read, write;
  int open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    read.reset(ends[0]);
    write.reset(ends[1]);
    fcntl(read.fd, F_SETFL, O_NONBLOCK);
    return 0;
  }
};

class Spawn {
 public:
  Spawn() {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
  }
  ~Spawn() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  Spawn(const Spawn &) = delete;
  Spawn &operator=(const Spawn &) = delete;

  // A group of its own, so that it can be ended with all its children; the program's signals are none of its business.
  int start(const std::vector<std::string> &words, int out, int err, pid_t &pid) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    std::vector<char *> arguments;
    for (const std::string &word : words) arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    return posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  }

 private:
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
};

// What is there now; true at its end.
bool drain(int fd, std::string &into, std::size_t most, bool keep_end) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno != EAGAIN;
    }
    if (got == 0) return true;
    into.append(buffer.data(), static_cast<std::size_t>(got));
    if (into.size() > most && keep_end) into.erase(0, into.size() - most);
    if (into.size() > most) return true;
  }
}

// 0, or -1 where another part of the program has collected it.
int collect(pid_t pid, int &status) {
  for (;;) {
    const pid_t got = waitpid(pid, &status, 0);
    if (got == pid) return 0;
    if (got < 0 && errno != EINTR) return -1;
  }
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == '\'') {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '\\' && i + 1 < command.size() && (quote == 0 || command[i + 1] == '"' || command[i + 1] == '\\')) {
      word += command[++i];
      in_word = true;
    } else if (quote == '"') {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return Error{Status::INVALID_ARGUMENT, std::string("the command has an open ") + quote};
  if (in_word) words.push_back(std::move(word));
  if (words.empty()) return Error{Status::INVALID_ARGUMENT, "the command is empty"};
  return words;
}

Result<Secret> run_helper(const std::vector<std::string> &words, const Call &call) {
  const std::string name = printable(words.front(), 200);
  Pipe out, err;
  pid_t pid = -1;
  int error_number = out.open();
  if (error_number == 0) error_number = err.open();
  if (error_number == 0) error_number = Spawn().start(words, out.write.fd, err.write.fd, pid);
  if (error_number != 0) return errno_error(Status::UNAUTHENTICATED, "cannot run " + name, error_number);
  out.write.reset();
  err.write.reset();

  const OwnedFd ended(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));  // without one, the end of its output must do
  const BootTime until = std::min(call.deadline, boot_now() + longest_run);
  std::string output, errors;
  const char *broken = nullptr;
  for (bool out_ended = false, err_ended = false; !broken;) {
    pollfd fds[] = {{ended.fd, POLLIN, 0},
                    {out_ended ? -1 : out.read.fd, POLLIN, 0},
                    {err_ended ? -1 : err.read.fd, POLLIN, 0},
                    {call.cancel ? call.cancel->descriptor() : -1, POLLIN, 0}};
    const Duration left = until - boot_now();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::min<Duration>(left, std::chrono::seconds(1)))
            .count();
    poll(fds, 4, static_cast<int>(std::max<std::int64_t>(ms, 0)));
    out_ended = out_ended || drain(out.read.fd, output, longest_output, false);
    err_ended = err_ended || drain(err.read.fd, errors, last_words, true);
    if (output.size() > longest_output) broken = " wrote more than 64 KiB";
    else if ((ended.fd >= 0 && fds[0].revents != 0) || (ended.fd < 0 && out_ended && err_ended)) break;
    else if (call.cancel && call.cancel->is_triggered()) broken = " was ended, for the call was cancelled";
    else if (left <= Duration::zero()) broken = " did not end in time";
  }
  Secret result(std::move(output));
  if (broken) kill(-pid, SIGKILL);
  int status = 0;
  const bool collected = collect(pid, status) == 0;
  std::string said = printable(trimmed(errors), last_words);
  if (!said.empty()) said = "; its last words: " + said;
  if (broken) {
    const bool cancelled = call.cancel && call.cancel->is_triggered();
    return Error{cancelled ? Status::CANCELLED : Status::UNAUTHENTICATED, name + broken + said};
  }
  if (collected && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
    return Error{Status::UNAUTHENTICATED,
                 name +
                     (WIFEXITED(status) ? " ended with exit code " + std::to_string(WEXITSTATUS(status))
                                        : " was ended by signal " + std::to_string(WTERMSIG(status))) +
                     said};
  return result;
}

}  // namespace vfslock::impl::net
