#pragma once
// A lock object in a memory whose requests can be watched and disturbed, and contenders that share it.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lock/acquire.hpp"
#include "lock/keep.hpp"
#include "storage/memory/memory.hpp"
#include "support/fake_clock.hpp"

namespace vfslock::impl {

using namespace std::chrono_literals;

// A network store unless told otherwise: no proof of life, no shared clock, margins apply.
inline MemoryOptions network() {
  MemoryOptions options;
  options.life = false;
  options.shared_clock = false;
  return options;
}
inline MemoryOptions network_without_remove() {
  MemoryOptions options = network();
  options.conditional_remove = false;
  return options;
}

struct World {
  explicit World(MemoryOptions kind = network()) {
    kind.now = [this] { return clock.now(); };
    kind.wall = [this] { return clock.wall(); };
    store = std::make_shared<MemoryStore>(kind);
  }

  FakeClock clock;
  SeededRandom random;
  std::shared_ptr<MemoryStore> store;
  Observations observations;  // of the process under test
  const std::string key = "data.lock";

  Target target() { return {store, key, &clock, &random, &observations}; }

  Call call(Duration time = 10s) { return {clock.now() + time, nullptr}; }

  Options options(Duration lease = 30s) {
    Options out;
    out.lease = lease;
    out.owner = "test";
    out.host = "host";
    out.pid = 1;
    return out;
  }

  Result<std::unique_ptr<Holder>> try_acquire(Options wish) {
    Handlers yes;
    return acquire(target(), wish, yes, {});
  }
  Result<std::unique_ptr<Holder>> try_acquire(Duration lease = 30s) { return try_acquire(options(lease)); }
  std::unique_ptr<Holder> must_acquire(Options wish) {
    auto lock = try_acquire(std::move(wish));
    if (!lock) FAIL(lock.error().message);
    return std::move(*lock);
  }
  std::unique_ptr<Holder> must_acquire(Duration lease = 30s) { return must_acquire(options(lease)); }

  // What stands there now.
  Look look() { return *store->get(key, Reading::exact, {}); }
  Record record() {
    Look there = look();
    REQUIRE(there);
    auto decoded = decode(there->bytes);
    REQUIRE(std::holds_alternative<Record>(decoded));
    return std::get<Record>(decoded);
  }
  void plant(const Record &record) { store->plant(key, encode(record)); }

  // A record as a holder in another process would have left it.
  Record others(Duration lease = 30s) {
    Record record;
    record.created = clock.wall();
    record.ttl = record.lease = lease;
    record.lock_id = std::string(31, 'a') + "0";
    record.write_id = nonce(random);
    record.seq = 1;
    record.token = 7;
    return record;
  }

  // The next request of one kind gets this fault, before or after it was applied; the rest pass.
  using Operation = MemoryRequest::Operation;
  void once(Operation operation, bool applied, MemoryFault::Kind kind, std::function<void()> meanwhile = {}) {
    auto done = std::make_shared<bool>(false);
    auto hook = [=](const MemoryRequest &request) -> MemoryFault {
      if (*done || request.operation != operation) return {};
      *done = true;
      if (meanwhile) meanwhile();
      return {kind, {Status::UNAVAILABLE, "injected"}};
    };
    store->inject(applied ? MemoryFaults{nullptr, hook} : MemoryFaults{hook, nullptr});
  }
  void always(Operation operation, bool applied, MemoryFault::Kind kind) {
    auto hook = [=](const MemoryRequest &request) -> MemoryFault {
      if (request.operation != operation) return {};
      return {kind, {Status::UNAVAILABLE, "injected"}};
    };
    store->inject(applied ? MemoryFaults{nullptr, hook} : MemoryFaults{hook, nullptr});
  }
  // Counts requests, and shows each to the test.
  void watch(std::function<void(const MemoryRequest &)> seen) {
    store->inject({[=](const MemoryRequest &request) -> MemoryFault {
                     seen(request);
                     return {};
                   },
                   nullptr});
  }
};

inline Status status_of(const Error &error) { return error.status; }
template <class T>
Status status_of(const Result<T> &result) {
  return result ? Status::OK : result.error().status;
}

}  // namespace vfslock::impl
