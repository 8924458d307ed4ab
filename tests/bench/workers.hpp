#pragma once
// Child processes with shared memory, for measurements.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>

namespace bench {

template <class T>
class InSharedMemory {
 public:
  InSharedMemory() {
    void *memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    value_ = new (memory) T{};
  }
  ~InSharedMemory() { munmap(value_, sizeof(T)); }
  InSharedMemory(const InSharedMemory &) = delete;
  InSharedMemory &operator=(const InSharedMemory &) = delete;
  T *operator->() const { return value_; }
  T &operator*() const { return *value_; }

 private:
  T *value_;
};

// The child never outlives the measurement, and never returns into it.
template <class Work>
pid_t start(Work work) {
  std::fflush(nullptr);
  const pid_t parent = getpid(), pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  try {
    work();
    _exit(0);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    _exit(1);
  }
}

inline void finish(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error("a child of the measurement failed");
  }
}

inline void kill_and_reap(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace bench
