#include "cli/child.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/exit_codes.hpp"

namespace vfslock::cli {
namespace {

// After fork in a process with threads: nothing but system calls.
[[noreturn]] void become(const Program &program, int terminal, const Signals &signals, int proof, pid_t parent,
                         int told) {
  ::setpgid(0, 0);
  if (terminal >= 0) ::tcsetpgrp(terminal, ::getpid());
  // The parent may have died before this was said: then there is another one by now.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_internal);
  if (proof >= 0) ::fcntl(proof, F_SETFD, 0);
  signals.restore_in_child();
  program.execute();
  const int problem = errno;
  (void)!::write(told, &problem, sizeof problem);
  ::_exit(exit_not_found);
}

// Whether a process of this group is no zombie. Zombies stay where nobody collects them: in a container whose first
// process does not.
bool somebody_works(pid_t group) {
  DIR *processes = ::opendir("/proc");
  if (!processes) return true;
  bool found = false;
  while (const dirent *entry = ::readdir(processes)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    std::ifstream file("/proc/" + std::string(entry->d_name) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const std::size_t name_end = stat.rfind(')');  // the name may hold anything
    if (name_end == std::string::npos || name_end + 4 > stat.size()) continue;
    const char state = stat[name_end + 2];
    const std::size_t group_at = stat.find(' ', name_end + 4);  // after state: parent, then group
    if (state == 'Z' || state == 'X' || group_at == std::string::npos) continue;
    found |= std::stol(stat.substr(group_at + 1)) == group;
  }
  ::closedir(processes);
  return found;
}

}  // namespace

Child::Child(const Program &program, Terminal &terminal, const Signals &signals, int proof) {
  const bool lend = terminal.wanted_at_once();
  const pid_t parent = ::getpid();
  int told[2];
  if (::pipe2(told, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  leader_ = ::fork();
  if (leader_ == 0) become(program, lend ? terminal.descriptor() : -1, signals, proof, parent, told[1]);
  const int fork_problem = errno;
  ::close(told[1]);
  if (leader_ < 0) {
    ::close(told[0]);
    throw std::system_error(fork_problem, std::generic_category(), "fork");
  }
  ::setpgid(leader_, leader_);  // whoever of the two is first
  if (lend) terminal.lend(leader_);
  int problem = 0;
  ssize_t got;
  do got = ::read(told[0], &problem, sizeof problem);  // ends when exec closes the other end
  while (got < 0 && errno == EINTR);
  ::close(told[0]);
  if (got != sizeof problem) return;
  (void)::waitpid(leader_, nullptr, 0);
  terminal.take_back();
  throw no_program(program.name(), problem);
}

Child::~Child() {
  if (ended_) return;
  ::kill(-leader_, SIGKILL);
  (void)::waitpid(leader_, nullptr, 0);
}

void Child::signal(int signal) const { ::kill(-leader_, signal); }

void Child::collect() {
  int status;
  // Any child: the group's orphans too, and what a shell left us by `exec vfslock run`.
  while (const pid_t who = ::waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) {
    if (who < 0 && errno == EINTR) continue;
    if (who < 0) return;
    if (who != leader_) continue;
    if (WIFSTOPPED(status)) {
      stopped_ = WSTOPSIG(status);
      news_ = true;
    } else {
      stopped_.reset();
      news_ = false;
    }
    if (WIFCONTINUED(status) || WIFSTOPPED(status)) continue;
    ended_ = true;
    by_signal_ = WIFSIGNALED(status);
    exit_code_ = by_signal_ ? exit_code_of_signal(WTERMSIG(status)) : WEXITSTATUS(status);
  }
}

std::optional<int> Child::news_of_stop() {
  if (!news_) return std::nullopt;
  news_ = false;
  return stopped_;
}

bool Child::group_is_there() {
  if (::kill(-leader_, 0) != 0 && errno == ESRCH) return false;
  return somebody_works(leader_);
}

void Child::adopt_orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

bool Child::kill_group(Signals &signals, int patience_ms) {
  ::kill(-leader_, SIGKILL);
  for (int pause_ms = 1; patience_ms > 0; patience_ms -= pause_ms, pause_ms = std::min(pause_ms * 2, 50)) {
    collect();
    if (ended_ && !group_is_there()) return true;
    signals.wait(nullptr, pause_ms);
    while (signals.next()) continue;  // nobody is left to pass them to
  }
  return false;
}

}  // namespace vfslock::cli
