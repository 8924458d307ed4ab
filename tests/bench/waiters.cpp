#include <semaphore.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "library.hpp"
#include "series.hpp"
#include "subject.hpp"
#include "workers.hpp"

namespace bench {

namespace {

constexpr int processes = 10;

struct Member {
  sem_t asked, answered;
  rusage use;
};

struct Board {
  std::atomic<int> waiting{0}, entered{0};
  std::atomic<bool> over{false};
  std::array<Member, processes> members;
};

// Its threads wait; it says what they used whenever it is asked, and ends with them when it is all over.
void wait_with(const std::string &folder, int threads, Board &board, Member &member) {
  vfslock_cancel *cancel = nullptr;
  vfslock_cancel_new(&cancel, nullptr);
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&] {
      vfslock_lock *lock = nullptr;
      ++board.waiting;
      const std::string file = folder + "/data";
      if (vfslock_acquire(nullptr, file.c_str(), nullptr, VFSLOCK_WAIT_FOREVER, cancel, &lock, nullptr) != VFSLOCK_OK) return;
      ++board.entered;
      while (!board.over) nap(0.1);
      vfslock_lock_close(lock, VFSLOCK_OWN_BOUND);
    });
  }
  while (!board.over) {
    sem_wait(&member.asked);
    getrusage(RUSAGE_SELF, &member.use);
    sem_post(&member.answered);
  }
  vfslock_cancel_trigger(cancel);
  for (std::thread &thread : all) thread.join();
  vfslock_cancel_free(cancel);
}

struct Use {
  double cpu = 0, sleeps = 0;
};

Use ask(Board &board) {
  Use out;
  for (Member &member : board.members) sem_post(&member.asked);
  for (Member &member : board.members) {
    sem_wait(&member.answered);
    out.cpu += cpu_seconds(member.use);
    out.sleeps += static_cast<double>(member.use.ru_nvcsw);
  }
  return out;
}

}  // namespace

Waiters waiters(const std::string &folder, int threads, double seconds) {
  InSharedMemory<Board> board;
  for (Member &member : board->members) {
    if (sem_init(&member.asked, 1, 0) != 0 || sem_init(&member.answered, 1, 0) != 0) {
      throw std::system_error(errno, std::generic_category(), "sem_init");
    }
  }
  InSharedMemory<std::atomic<int>> holder_does;  // 1: holds; 2: is to release
  const pid_t holder = start([&] {
    Subject subject(folder, false);
    vfslock_lock *lock = subject.acquire(VFSLOCK_NO_WAIT);
    *holder_does = 1;
    while (*holder_does == 1) nap(0.001);
    subject.release(lock);
  });
  while (*holder_does != 1) nap(0.001);
  std::vector<pid_t> children;
  for (Member &member : board->members) {
    children.push_back(start([&] { wait_with(folder, threads / processes, *board, member); }));
  }
  while (board->waiting < threads / processes * processes) nap(0.01);
  nap(2);  // until all of them sleep

  const Use before = ask(*board);
  const std::int64_t began = now_ns();
  nap(seconds);
  const Use at_rest = ask(*board);
  const double passed = static_cast<double>(now_ns() - began) / 1e9;
  if (board->entered != 0) throw std::runtime_error("a waiter got a lock that is held");
  *holder_does = 2;
  while (board->entered == 0) nap(0.001);
  nap(1);
  const double after = static_cast<double>(now_ns() - began) / 1e9 - passed;
  const Use released = ask(*board);
  board->over = true;
  for (Member &member : board->members) sem_post(&member.asked);
  for (const pid_t child : children) finish(child);
  finish(holder);

  Waiters out;
  out.core = (at_rest.cpu - before.cpu) / passed;
  out.sleeps = (at_rest.sleeps - before.sleeps - processes) / passed;  // each answer is one sleep
  out.release_sleeps = released.sleeps - at_rest.sleeps - processes - out.sleeps * after - after / 0.1;  // and the new holder's
  out.release_core = released.cpu - at_rest.cpu - out.core * after;
  return out;
}

}  // namespace bench
