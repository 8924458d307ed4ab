#include <atomic>
#include <thread>

#include "runtime/frame.hpp"
#include "unit/runtime/held.hpp"

using namespace vfslock::impl;

namespace {

bool is_held_record(const MemoryRequest &request) {
  return request.write->bytes(std::nullopt).find("\"state\":\"held\"") != std::string::npos;
}

}  // namespace

TEST_CASE("R10: a release ends a renewal in flight, and nothing of the lock stays") {
  Bench bench;
  Door door;
  door.close();
  Ended lock{bench.must_acquire(3s)};
  bench.before(Operation::put, [&](const MemoryRequest &request) {
    return door.pass(request.call) ? MemoryFault{MemoryFault::Kind::unknown, {Status::CANCELLED, "cancelled"}} : MemoryFault{};
  });
  door.wait_until_somebody_waits();
  CHECK(lock.lock->release({}));
  CHECK_FALSE(*bench.store->get("k", Reading::exact, {}));
  CHECK(bench.heard.so_far().empty());
}

TEST_CASE("R10: one write at a time, whoever writes") {
  Bench bench;
  Ended lock{bench.must_acquire(1s)};
  std::atomic<int> at_once{0}, most{0}, writes{0};
  bench.before(Operation::put, [&](const MemoryRequest &) {
    const int now = ++at_once;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    RealClock clock;
    clock.sleep(clock.now() + 1ms, nullptr, nullptr);
    --at_once;
    ++writes;
    return MemoryFault{};
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        CHECK(lock.lock->renew({}, {10s}));
        CHECK(lock.lock->check({10s}));
      }
    });
  for (auto &thread : threads) thread.join();
  CHECK(writes >= 160);
  CHECK(most == 1);
}

TEST_CASE("R5: from the call of release on nobody hears held, though a renewal is still in flight") {
  Bench bench;
  Door door;
  door.close();
  Ended lock{bench.must_acquire(30s)};
  // A renewal that does not listen to its cancellation.
  bench.before(Operation::put, [&](const MemoryRequest &request) {
    if (is_held_record(request)) door.pass(nullptr);
    return MemoryFault{};
  });
  std::thread renewing([&] { CHECK_FALSE(lock.lock->renew({}, {generous})); });
  door.wait_until_somebody_waits();
  const auto released = lock.lock->release({10ms});
  REQUIRE_FALSE(released);
  CHECK(released.error().status == Status::UNAVAILABLE);
  CHECK(lock.lock->state() == State::released);
  CHECK(lock.lock->remaining() == 0s);
  door.open();
  renewing.join();
  CHECK(lock.lock->state() == State::released);
  CHECK(lock.lock->release({}));  // repeated, as the status says it may be
  CHECK_FALSE(*bench.store->get("k", Reading::exact, {}));
}

TEST_CASE("F25: a second release, a renewal after it, a check after it: typed, without effect") {
  Bench bench;
  Ended lock{bench.must_acquire(30s)};
  CHECK(lock.lock->release({}));
  CHECK(lock.lock->release({}).error().status == Status::NOT_HELD);
  CHECK(lock.lock->renew({}, {}).error().status == Status::NOT_HELD);
  CHECK(lock.lock->check({}).error().status == Status::NOT_HELD);
  CHECK(lock.lock->inherit().error().status == Status::NOT_HELD);
}

TEST_CASE("R9: a renewal to a shorter lease that fails does not wait for the old lease's next renewal") {
  Bench bench;
  Ended lock{bench.must_acquire(60s)};
  std::atomic<int> sent{0};
  bench.before(Operation::put, [&](const MemoryRequest &) {
    return ++sent == 1 ? MemoryFault{MemoryFault::Kind::error, {Status::UNAVAILABLE, "away"}} : MemoryFault{};
  });
  CHECK_FALSE(lock.lock->renew(1s, {}));
  CHECK(lock.lock->remaining() <= 1s);
  CHECK(eventually([&] { return lock.lock->remaining() > 50s; }));  // the keeper renewed by the record's own lease
}

TEST_CASE("the turn is waited for no longer than a call's time, and not when it is cancelled") {
  Bench bench;
  Door door;
  door.close();
  Ended lock{bench.must_acquire(30s)};
  bench.before(Operation::put, [&](const MemoryRequest &) {
    door.pass(nullptr);
    return MemoryFault{};
  });
  std::thread renewing([&] { CHECK(lock.lock->renew({}, {generous})); });
  door.wait_until_somebody_waits();
  CHECK(lock.lock->check({20ms}).error().status == Status::UNAVAILABLE);
  Cancel cancel;
  cancel.trigger();
  CHECK(lock.lock->check({generous, &cancel}).error().status == Status::CANCELLED);
  door.open();
  renewing.join();
}

TEST_CASE("whoever ends a lock waits for its running handler; inside the handler it is left to the handler's end") {
  Bench bench;
  Door door;
  door.close();
  std::atomic<int> ended{0};
  std::shared_ptr<Lock> lock;
  bench.heard.meanwhile = [&](const Heard::News &) { door.pass(nullptr); };
  auto taken = bench.try_acquire(bench.options(10ms, false), bench.heard);
  REQUIRE(taken);
  lock = *taken;
  door.wait_until_somebody_waits();
  std::thread other([&] {
    lock->mute();
    lock->after_handlers([&] { ++ended; });
  });
  RealClock clock;
  clock.sleep(clock.now() + 20ms, nullptr, nullptr);
  CHECK(ended == 0);
  door.open();
  other.join();
  CHECK(ended == 1);
  lock->drop();

  Bench inside;
  std::atomic<bool> within{false};
  std::shared_ptr<Lock> own;
  inside.heard.meanwhile = [&](const Heard::News &) {
    CHECK(eventually([&] { return own != nullptr; }));
    CHECK(HandlerFrame::inside(own.get()));
    own->mute();
    own->drop();
    own->after_handlers([&] { ++ended; });
    within = ended == 1;  // not yet
  };
  {
    const Options options = inside.options(20ms, false);
    auto got = inside.try_acquire(options, inside.heard);
    REQUIRE(got);
    own = *got;
  }
  CHECK(eventually([&] { return ended == 2; }));
  CHECK(within);
}
