#include "tracer.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfslock::torture {
namespace {

constexpr long mark_call = 90'210;

long trace(__ptrace_request request, pid_t thread, long data = 0, long address = 0) {
  return ptrace(request, thread, reinterpret_cast<void *>(address), reinterpret_cast<void *>(data));
}

[[noreturn]] void fail(const char *what, int error_number) {
  if (error_number == EPERM || error_number == EACCES || error_number == ENOSYS) throw NotPermitted(what);
  throw std::system_error(error_number, std::generic_category(), what);
}

}  // namespace

void mark(Mark mark, long first, long second) { syscall(mark_call, static_cast<long>(mark), first, second); }

Trace::Trace(const std::function<void()> &body, const Point &point, bool by_threads)
    : point_(point), by_threads_(by_threads) {
  int go[2];
  if (pipe2(go, O_CLOEXEC) < 0) fail("pipe", errno);
  first_ = fork();
  if (first_ < 0) fail("fork", errno);
  if (first_ == 0) {
    close(go[1]);
    char byte = 0;
    if (read(go[0], &byte, 1) == 1) body();
    _exit(0);
  }
  close(go[0]);
  go_ = go[1];
  inside_[first_] = 0;
  if (trace(PTRACE_SEIZE, first_, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) == 0 &&
      trace(PTRACE_INTERRUPT, first_) == 0)
    return;
  const int error_number = errno;
  kill();
  close(go_);
  fail("PTRACE_SEIZE", error_number);
}

// Whether the point or mark_end is reached.
bool Trace::at_call(pid_t thread) {
  __ptrace_syscall_info call{};
  if (trace(PTRACE_GET_SYSCALL_INFO, thread, reinterpret_cast<long>(&call), sizeof call) < 0) {
    if (errno == ESRCH) return false;  // killed meanwhile
    throw NotPermitted("PTRACE_GET_SYSCALL_INFO");
  }
  long &inside = inside_[thread];
  if (call.op == PTRACE_SYSCALL_INFO_EXIT) {
    const bool reached = inside != 0 && inside == point_.nth && point_.after && counting_;
    inside = 0;
    return reached;
  }
  if (call.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  if (static_cast<long>(call.entry.nr) == mark_call) {
    const long first = static_cast<long>(call.entry.args[1]), second = static_cast<long>(call.entry.args[2]);
    const auto mark = static_cast<Mark>(call.entry.args[0]);
    counting_ = mark == mark_begin;
    if (mark == mark_done) done_[0] = first, done_[1] = second;
    if (mark == mark_end) end_[0] = first, end_[1] = second;
    return at_end_ = mark == mark_end;
  }
  if (!counting_ || (by_threads_ && thread == first_)) return false;
  inside = ++calls_;
  if (inside != point_.nth) return false;
  call_ = static_cast<long>(call.entry.nr);
  return !point_.after;
}

bool Trace::is_there(pid_t thread, int status, int &signal) {
  if (!WIFSTOPPED(status)) {
    inside_.erase(thread);
    if (thread == first_) ended_ = status;
    return false;
  }
  inside_.try_emplace(thread, 0);  // a new thread stands still until it was seen here
  const int event = status >> 16;
  signal = WSTOPSIG(status);
  if (event == 0 && signal != (SIGTRAP | 0x80)) return false;
  signal = 0;
  return event == 0 && at_call(thread);
}

// Until each thread is held; false when the first one was done meanwhile, so that it is no more in the middle.
bool Trace::hold() {
  for (const auto &thread : inside_)
    if (!held_.count(thread.first)) trace(PTRACE_INTERRUPT, thread.first);
  while (held_.size() < inside_.size()) {
    int status = 0, signal = 0;
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0) return false;
    is_there(thread, status, signal);
    if (WIFSTOPPED(status)) held_[thread] = signal;
  }
  return counting_;
}

Trace::At Trace::run() {
  if (go_ >= 0) {
    if (write(go_, "g", 1) != 1) fail("write", errno);
    close(go_);
    go_ = -1;
  }
  for (;;) {
    for (const auto &thread : held_) trace(PTRACE_SYSCALL, thread.first, thread.second);
    held_.clear();
    int status = 0, signal = 0;
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) return At::dead;
    const bool there = is_there(thread, status, signal);
    if (WIFSTOPPED(status)) held_[thread] = signal;
    if (there && !at_end_) {
      point_.nth = 0;
      if (hold()) return At::point;
    }
    if (at_end_) {
      at_end_ = false;
      return At::end;
    }
  }
}

void Trace::kill() {
  if (inside_.empty()) return;
  ::kill(first_, SIGKILL);
  int status = 0;
  for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) >= 0 || errno == EINTR;)
    if (thread == first_ && !WIFSTOPPED(status)) ended_ = status;
  inside_.clear();
  held_.clear();
}

}  // namespace vfslock::torture
