// A write to a broken pipe inside SigpipeBlocked raises nothing, and what was there before stays.
#include <doctest/doctest.h>

#include <cerrno>

#include <unistd.h>

#include "net/sigpipe.hpp"

using vfslock::impl::net::SigpipeBlocked;

namespace {

volatile sig_atomic_t came = 0;
void count(int) { came = came + 1; }

struct Counting {
  Counting() {
    struct sigaction action {};
    action.sa_handler = count;
    sigaction(SIGPIPE, &action, &before);
    came = 0;
  }
  ~Counting() { sigaction(SIGPIPE, &before, nullptr); }
  struct sigaction before {};
};

void write_to_broken_pipe() {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  CHECK(write(ends[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  close(ends[1]);
}

bool is_blocked() {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, SIGPIPE) == 1;
}

}  // namespace

TEST_CASE("SIGPIPE of our own writes reaches nobody, and the mask is put back") {
  const Counting counting;
  {
    const SigpipeBlocked blocked;
    write_to_broken_pipe();
    CHECK(is_blocked());
  }
  CHECK(came == 0);
  CHECK_FALSE(is_blocked());
  write_to_broken_pipe();
  CHECK(came == 1);
}

TEST_CASE("a SIGPIPE that the program holds back stays pending") {
  const Counting counting;
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  write_to_broken_pipe();
  {
    const SigpipeBlocked blocked;
    write_to_broken_pipe();
  }
  CHECK(came == 0);
  CHECK(is_blocked());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(came == 1);
}
