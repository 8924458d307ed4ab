#pragma once
// Runs a process under ptrace up to the n-th system call of what it does between two marks. There all of its threads
// are held, as by SIGSTOP; then it may be killed, or go on.
#include <functional>
#include <map>
#include <stdexcept>

#include <sys/types.h>

namespace vfslock::torture {

// What the traced process says, by a system call that no kernel has.
enum Mark : long { mark_begin = 1, mark_done = 2, mark_end = 3 };
void mark(Mark mark, long first = 0, long second = 0);

struct NotPermitted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Point {
  long nth = 0;  // 0: nowhere
  bool after = false;  // the call has taken effect, else not
};

class Trace {
 public:
  enum class At { point, end, dead };

  // Forks at once, from a process that has no other children, and waits for run() to begin. Only calls `by_threads`
  // other than the first are counted where that is said. NotPermitted where nobody may trace.
  Trace(const std::function<void()> &body, const Point &point, bool by_threads);
  ~Trace() { kill(); }
  Trace(const Trace &) = delete;
  Trace &operator=(const Trace &) = delete;

  // Lets it go on, to the point, else to mark_end, else to its death.
  At run();
  // Returns when nothing of it is left.
  void kill();

  long calls() const { return calls_; }
  long call() const { return call_; }  // the number of that at the point
  long done(int value) const { return done_[value]; }  // what it said with mark_done,
  long end(int value) const { return end_[value]; }    // and with mark_end
  int ended() const { return ended_; }                 // as waitpid tells it

 private:
  bool is_there(pid_t thread, int status, int &signal);
  bool at_call(pid_t thread);
  bool hold();

  pid_t first_;
  int go_ = -1;
  Point point_;
  bool by_threads_;
  bool counting_ = false, at_end_ = false;
  long calls_ = 0, call_ = 0;
  std::map<pid_t, long> inside_;  // threads, and the number of the call that each is in
  std::map<pid_t, int> held_;     // with the signal that each is to get
  long done_[2]{}, end_[2]{};
  int ended_ = -1;
};

}  // namespace vfslock::torture
