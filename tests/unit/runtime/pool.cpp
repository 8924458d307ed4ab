#include "runtime/pool.hpp"

#include <atomic>
#include <fstream>
#include <string>

#include <csignal>
#include <pthread.h>

#include "unit/runtime/held.hpp"

using namespace vfslock::impl;

namespace {

struct Call1 final : Job {
  explicit Call1(std::function<void()> what) : what(std::move(what)) {}
  void run() noexcept override { what(); }
  std::function<void()> what;
};
std::shared_ptr<Job> job(std::function<void()> what) { return std::make_shared<Call1>(std::move(what)); }

}  // namespace

TEST_CASE("jobs run in the order in which they were posted, while one thread is enough") {
  const auto pool = std::make_shared<Pool>("test", 1, 1);
  std::vector<int> order;
  std::atomic<int> done{0};
  for (int i = 0; i < 100; ++i)
    pool->post(job([&, i] {
      order.push_back(i);
      ++done;
    }));
  CHECK(eventually([&] { return done == 100; }));
  for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  pool->close();
}

TEST_CASE("jobs that block hold up no other") {
  const auto pool = std::make_shared<Pool>("test", 2, 1000);
  Door door;
  door.close();
  std::atomic<int> blocked{0}, done{0};
  for (int i = 0; i < 20; ++i)
    pool->post(job([&] {
      ++blocked;
      door.pass(nullptr);
      --blocked;
    }));
  pool->post(job([&] { ++done; }));
  CHECK(eventually([&] { return blocked == 20 && done == 1; }));
  door.open();
  CHECK(eventually([&] { return blocked == 0; }));
  pool->close();
}

TEST_CASE("no more threads start than are allowed, and what is posted is not lost") {
  const auto pool = std::make_shared<Pool>("test", 2, 3);
  std::atomic<int> running{0}, most{0}, done{0};
  for (int i = 0; i < 200; ++i)
    pool->post(job([&] {
      const int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      RealClock clock;
      clock.sleep(clock.now() + 200us, nullptr, nullptr);
      --running;
      ++done;
    }));
  CHECK(eventually([&] { return done == 200; }));
  CHECK(most <= 3);
  pool->close();
}

TEST_CASE("a job that waits is not posted twice, one that runs may be") {
  const auto pool = std::make_shared<Pool>("test", 1, 1);
  Door door;
  door.close();
  std::atomic<int> runs{0};
  std::shared_ptr<Job> again = job([&] {
    if (++runs == 1) pool->post(again);
    door.pass(nullptr);
  });
  pool->post(again);
  door.wait_until_somebody_waits();
  pool->post(again);
  door.open();
  CHECK(eventually([&] { return runs == 2; }));
  pool->post(job([] {}));
  CHECK(eventually([&] { return again.use_count() == 1; }));
  CHECK(runs == 2);
  again.reset();
  pool->close();
}

TEST_CASE("threads of the library have a name and a stack of 512 KiB at least, and block all signals") {
  const auto pool = std::make_shared<Pool>("vfslock-test", 1, 1);
  std::atomic<bool> done{false};
  char name[32] = "";
  sigset_t mask;
  std::size_t stack = 0;
  pool->post(job([&] {
    pthread_getname_np(pthread_self(), name, sizeof name);
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) pthread_attr_getstacksize(&attributes, &stack);
    pthread_attr_destroy(&attributes);
    done = true;
  }));
  CHECK(eventually([&] { return done.load(); }));
  CHECK(std::string(name) == "vfslock-test");
  CHECK(stack >= 512 * 1024);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1, SIGPIPE}) CHECK(sigismember(&mask, signal) == 1);
  pool->close();

  sigset_t own;
  pthread_sigmask(SIG_SETMASK, nullptr, &own);
  CHECK(sigismember(&own, SIGTERM) == 0);  // the caller's mask is as it was
}
