#pragma once
// A forked process that a test stops, continues and kills.
#include <functional>
#include <stdexcept>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfslock::impl::test {

class Child {
 public:
  // Runs body in the child, which exits with its answer and without destructors or handlers.
  explicit Child(const std::function<int()> &body) : pid_(fork()) {
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      int code = 125;
      try {
        code = body();
      } catch (...) {
      }
      _exit(code);
    }
  }
  ~Child() {
    if (running_) {
      kill(SIGKILL);
      wait();
    }
  }
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;

  pid_t pid() const { return pid_; }
  void kill(int signal) const { ::kill(pid_, signal); }
  void go_on() const { kill(SIGCONT); }

  // Waits until it stops itself; false when it ended instead.
  bool stopped() {
    int status = 0;
    if (waitpid(pid_, &status, WUNTRACED) != pid_) return false;
    if (WIFSTOPPED(status)) return true;
    ended(status);
    return false;
  }

  // Its exit code, or minus the signal that ended it.
  int wait() {
    while (running_) {
      int status = 0;
      if (waitpid(pid_, &status, 0) == pid_) ended(status);
    }
    return result_;
  }

 private:
  void ended(int status) {
    running_ = false;
    result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  const pid_t pid_;
  bool running_ = true;
  int result_ = 0;
};

}  // namespace vfslock::impl::test
