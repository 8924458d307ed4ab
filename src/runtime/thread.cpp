#include "runtime/thread.hpp"

#include <algorithm>
#include <new>

#include <pthread.h>
#include <signal.h>

namespace vfslock::impl {
namespace {

constexpr std::size_t least_stack = 512 * 1024;  // RELIABILITY §7

struct Start {
  const char *name;
  std::shared_ptr<Runnable> what;
};

void *run(void *argument) {
  const std::unique_ptr<Start> start(static_cast<Start *>(argument));
  pthread_setname_np(pthread_self(), start->name);
  start->what->run_thread();
  return nullptr;
}

}  // namespace

bool start_thread(const char *name, std::shared_ptr<Runnable> what) noexcept {
  std::unique_ptr<Start> start(new (std::nothrow) Start{name, std::move(what)});
  pthread_attr_t attributes;
  if (!start || pthread_attr_init(&attributes) != 0) return false;
  std::size_t stack = 0;
  pthread_attr_getstacksize(&attributes, &stack);
  pthread_attr_setstacksize(&attributes, std::max(stack, least_stack));
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);

  // A thread begins with its creator's mask: the program's signals are its own threads' to handle.
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, run, start.get()) == 0;
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  if (started) (void)start.release();
  return started;
}

}  // namespace vfslock::impl
