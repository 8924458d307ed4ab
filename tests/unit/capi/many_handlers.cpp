// What a hundred lost locks at once are promised: each is told, once, whatever the others' handlers do.
#include <atomic>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/ambient.hpp"
#include "vfslock/vfslock.h"

using namespace vfslock::impl;
using namespace std::chrono_literals;

namespace {

std::atomic<bool> open{false};
std::atomic<int> told{0};

std::int32_t on_lost(void *user_data, const vfslock_event *) {
  RealClock clock;
  ++*static_cast<std::atomic<int> *>(user_data);
  ++told;
  while (!open) clock.sleep(clock.now() + 1ms, nullptr, nullptr);
  return 0;
}

}  // namespace

TEST_CASE("a hundred handlers that block at once have all been called") {
  constexpr int count = 100;
  RealClock clock;
  std::vector<std::atomic<int>> calls(count);
  std::vector<vfslock_lock *> locks;
  for (int i = 0; i < count; ++i) {
    vfslock_options *options = nullptr;
    REQUIRE(vfslock_options_new(&options, nullptr) == VFSLOCK_OK);
    CHECK(vfslock_options_set_ttl_ms(options, 20, nullptr) == VFSLOCK_OK);
    CHECK(vfslock_options_set_renewal(options, 0, nullptr) == VFSLOCK_OK);
    CHECK(vfslock_options_on_lost(options, on_lost, &calls[static_cast<std::size_t>(i)], nullptr, nullptr) == VFSLOCK_OK);
    locks.push_back(nullptr);
    const std::string uri = "mem://handlers/" + std::to_string(i);
    vfslock_status status = VFSLOCK_LOST;  // a short lease may be over before the grant arrives: then once more
    while (status == VFSLOCK_LOST) status = vfslock_acquire(nullptr, uri.c_str(), options, 0, nullptr, &locks.back(), nullptr);
    REQUIRE(status == VFSLOCK_OK);
    vfslock_options_free(options);
  }
  const BootTime until = clock.now() + 60s;
  while (told < count && clock.now() < until) clock.sleep(clock.now() + 1ms, nullptr, nullptr);
  CHECK(told == count);
  open = true;
  for (vfslock_lock *lock : locks) vfslock_lock_free(lock);
  for (const auto &one : calls) CHECK(one == 1);
}
