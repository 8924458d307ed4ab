#include "cli/signals.hpp"

#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/signalfd.h>

namespace vfslock::cli {
namespace {

constexpr int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF,
                             SIGIO, SIGPWR, SIGURG, SIGWINCH};

sigset_t received() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : forwarded) sigaddset(&set, signal);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) sigaddset(&set, signal);
  for (int signal : {SIGCHLD, SIGCONT, SIGTSTP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

bool is_forwarded(int signal) {
  if (signal >= SIGRTMIN && signal <= SIGRTMAX) return true;
  for (int other : forwarded)
    if (other == signal) return true;
  return false;
}

std::string signal_name(int signal) {
  const char *name = ::sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

Signals::Signals() {
  const sigset_t set = received();
  sigset_t blocked = set;
  sigaddset(&blocked, SIGTTOU);  // the terminal is passed on and taken back from the background
  ::pthread_sigmask(SIG_BLOCK, &blocked, &original_mask_);
  struct sigaction action{};
  action.sa_handler = SIG_DFL;  // where it was ignored, ended children would leave no exit code
  ::sigaction(SIGCHLD, &action, &original_child_);
  action.sa_handler = SIG_IGN;  // a message that nobody reads must not end the holder of a lock
  ::sigaction(SIGPIPE, &action, &original_pipe_);
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

Signals::~Signals() { ::close(descriptor_); }

void Signals::wait(Bell *bell, int timeout_ms) {
  pollfd waited[] = {{descriptor_, POLLIN, 0}, {bell ? bell->descriptor() : -1, POLLIN, 0}};
  (void)::poll(waited, 2, timeout_ms);  // whoever is woken for nothing looks again
  if (bell) bell->silence();
}

std::optional<int> Signals::next() {
  signalfd_siginfo info;
  if (::read(descriptor_, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

int Signals::take(Console &console) {
  while (const auto signal = next()) {
    if (ends_us(*signal)) return *signal;
    if (*signal != SIGTSTP) continue;
    console.erase_live();
    stop_self(SIGTSTP, false);  // the terminal has stopped the others of the group
  }
  return 0;
}

bool Signals::pending() const {
  pollfd waited = {descriptor_, POLLIN, 0};
  return ::poll(&waited, 1, 0) > 0;
}

bool Signals::ends_us(int signal) const {
  if (!is_forwarded(signal) || signal == SIGURG || signal == SIGWINCH) return false;
  if (sigismember(&original_mask_, signal)) return false;
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL;
}

bool Signals::stop_self(int signal, bool group) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  ::kill(group ? 0 : ::getpid(), signal);
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);  // stops here
  ::pthread_sigmask(SIG_BLOCK, &one, nullptr);
  // Whoever was stopped was continued by this signal, which is blocked and so still there.
  sigemptyset(&one);
  sigaddset(&one, SIGCONT);
  const timespec at_once{};
  return ::sigtimedwait(&one, nullptr, &at_once) == SIGCONT;
}

void Signals::restore_in_child() const noexcept {
  ::sigaction(SIGCHLD, &original_child_, nullptr);
  ::sigaction(SIGPIPE, &original_pipe_, nullptr);
  ::sigprocmask(SIG_SETMASK, &original_mask_, nullptr);
}

}  // namespace vfslock::cli
