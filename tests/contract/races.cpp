#include "races.hpp"

#include <atomic>
#include <barrier>
#include <exception>
#include <mutex>
#include <thread>

namespace vfslock::impl::contract {
namespace {

std::atomic<bool> one_failed{false};

}  // namespace

bool given_up() { return one_failed; }

void together(const std::vector<std::function<void()>> &activities) {
  std::barrier start(static_cast<std::ptrdiff_t>(activities.size()));
  std::mutex mutex;
  std::exception_ptr thrown;
  one_failed = false;
  {
    std::vector<std::jthread> threads;
    for (const auto &activity : activities)
      threads.emplace_back([&] {
        start.arrive_and_wait();
        try {
          activity();
        } catch (...) {
          const std::lock_guard locked(mutex);
          thrown = std::current_exception();
          one_failed = true;
        }
      });
  }
  if (thrown) std::rethrow_exception(thrown);
}

Tally race(Site &site, int count, const Attempt &attempt) {
  std::mutex mutex;
  Tally tally;
  std::vector<TenurePtr> tenures(static_cast<std::size_t>(count));
  std::vector<std::function<void()>> activities;
  for (int i = 0; i < count; ++i)
    activities.push_back([&, i, client = site.open()] {
      const auto answer = attempt(i, *client, tenures[static_cast<std::size_t>(i)]);
      const std::lock_guard locked(mutex);
      if (!answer) {
        ++tally.failed;
      } else if (std::holds_alternative<Landed>(*answer)) {
        ++tally.won;
      } else {
        ++(std::holds_alternative<Refused>(*answer) ? tally.refused : tally.unknown);
      }
    });
  together(activities);
  return tally;
}

}  // namespace vfslock::impl::contract
