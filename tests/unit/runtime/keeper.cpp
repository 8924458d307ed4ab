#include <atomic>
#include <fstream>

#include <dirent.h>

#include "unit/runtime/held.hpp"

using namespace vfslock::impl;

namespace {

// How many threads of this process have a name that begins so.
int threads_named(const std::string &beginning) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  REQUIRE(tasks);
  while (const dirent *entry = readdir(tasks)) {
    std::string name;
    std::ifstream(std::string("/proc/self/task/") + entry->d_name + "/comm") >> name;
    if (name.rfind(beginning, 0) == 0) ++count;
  }
  closedir(tasks);
  return count;
}

}  // namespace

TEST_CASE("R21: a lock is renewed in time over several leases, and told of nothing") {
  Bench bench;
  Ended lock{bench.must_acquire(1s)};
  std::atomic<int> renewals{0};
  bench.before(Operation::put, [&](const MemoryRequest &) {
    ++renewals;
    return MemoryFault{};
  });
  CHECK(eventually([&] {
    CHECK(lock.lock->state() == State::held);
    return renewals >= 9;  // three leases
  }));
  CHECK(lock.lock->record()->seq >= 9);
  CHECK(bench.heard.so_far().empty());
}

TEST_CASE("a record replaced from outside is told once, as replaced") {
  Bench bench;
  Ended lock{bench.must_acquire(1s)};
  bench.store->plant("k", encode([&] {
                       Record other = *lock.lock->record();
                       other.lock_id = std::string(32, 'b');
                       return other;
                     }()));
  const auto news = bench.heard.wait_for(1);
  REQUIRE(news.size() == 1);
  CHECK(news[0].kind == "lost");
  CHECK(news[0].error.status == Status::LOST);
  CHECK((news[0].reason == Loss::replaced || news[0].reason == Loss::disowned));
  CHECK(lock.lock->state() == State::lost);
  CHECK_FALSE(lock.lock->renew({}, {}));
  CHECK_FALSE(lock.lock->check({}));
  CHECK(bench.heard.so_far().size() == 1);
}

TEST_CASE("a record removed from outside is lost") {
  Bench bench;
  Ended lock{bench.must_acquire(1s)};
  bench.store->wipe("k");
  CHECK(bench.heard.wait_for(1)[0].reason == Loss::removed);
}

TEST_CASE("at risk is told once for each bad spell, with the cause and the time left; then all is fine again") {
  Bench bench;
  Ended lock{bench.must_acquire(2s)};
  for (std::size_t spell = 1; spell <= 2; ++spell) {
    std::atomic<int> failures{0};
    bench.before(Operation::put, [&](const MemoryRequest &) {
      ++failures;
      return MemoryFault{MemoryFault::Kind::error, {Status::UNAVAILABLE, "the storage is away"}};
    });
    const auto news = bench.heard.wait_for(spell).back();
    CHECK(news.kind == "at_risk");
    CHECK(news.error.message == "the storage is away");
    CHECK(news.left > 0s);
    CHECK(news.left < 2s);
    CHECK(eventually([&] { return failures >= 2; }));  // it goes on trying without telling again
    const auto before = lock.lock->record()->seq;
    bench.store->inject({});
    CHECK(eventually([&] { return lock.lock->record()->seq > before; }));
    CHECK(lock.lock->state() == State::held);
    CHECK(bench.heard.so_far().size() == spell);
  }
}

TEST_CASE("renewals that fail until the lease ends: at risk, then lost as unreachable, each once and in this order") {
  Bench bench;
  Ended lock{bench.must_acquire(1s)};
  bench.before(Operation::put, [](const MemoryRequest &) {
    return MemoryFault{MemoryFault::Kind::error, {Status::UNAVAILABLE, "the storage is away"}};
  });
  const auto news = bench.heard.wait_for(2);
  CHECK(news[0].kind == "at_risk");
  CHECK(news[1].kind == "lost");
  CHECK(news[1].reason == Loss::unreachable);
}

TEST_CASE("F18: the end of the lease is noticed while every worker is stuck in a request") {
  Bench bench;
  Door door;
  door.close();
  std::vector<std::shared_ptr<Lock>> stuck;
  Deaf deaf;
  for (int i = 0; i < 40; ++i) {
    auto lock = bench.try_acquire(bench.options(1s), deaf, "stuck" + std::to_string(i));
    REQUIRE(lock);
    stuck.push_back(*lock);
  }
  bench.before(Operation::put, [&](const MemoryRequest &request) {
    if (request.key->rfind("stuck", 0) == 0) door.pass(nullptr);
    return MemoryFault{};
  });
  CHECK(eventually([&] {
    for (const auto &lock : stuck)
      if (lock->deadline() != BootTime{} && lock->state() == State::held) return false;
    return true;
  }));

  Ended lock{bench.must_acquire(1s)};  // no worker will ever come to it
  const auto news = bench.heard.wait_for(1);
  CHECK(news[0].kind == "lost");
  CHECK(news[0].reason == Loss::expired);
  CHECK(lock.lock->state() == State::lost);

  door.open();
  for (const auto &one : stuck) const Ended ended{one};
}

TEST_CASE("the proof of life is kept until the lost handler has returned") {
  Bench bench;
  Door door;
  door.close();
  bench.heard.meanwhile = [&](const Heard::News &) { door.pass(nullptr); };
  auto options = bench.options(20ms, false);
  auto taken = bench.try_acquire(options, bench.heard);
  REQUIRE(taken);
  Ended lock{*taken};
  door.wait_until_somebody_waits();
  const auto life = [&] { return (*bench.store->get("k", Reading::exact, {}))->life; };
  CHECK(life() == Life::alive);
  door.open();
  CHECK(eventually([&] { return life() == Life::dead; }));
}

TEST_CASE("threads start with the first lock that needs them and end with the last") {
  REQUIRE(eventually([] { return threads_named("vfslock-") == 0; }));
  Bench bench;
  Deaf deaf;
  {
    auto lock = bench.try_acquire(bench.options(1ms, false), deaf, "plain");
    REQUIRE(lock);
    Ended plain{*lock};
    auto forever = bench.try_acquire(bench.options(0s), deaf, "forever");
    REQUIRE(forever);
    Ended eternal{*forever};
    CHECK(threads_named("vfslock-") == 0);
    Ended kept{bench.must_acquire(1s)};
    CHECK(eventually([] { return threads_named("vfslock-keeper") == 1; }));
    CHECK(eventually([&] { return kept.lock->record()->seq > 2; }));
  }
  CHECK(eventually([] { return threads_named("vfslock-") == 0; }));
}

TEST_CASE("a lock whose TTL was for ever is looked after once it has a lease") {
  Bench bench;
  Ended lock{bench.must_acquire(0s)};
  REQUIRE(lock.lock->renew(1s, {}));
  CHECK(eventually([&] { return lock.lock->record()->seq > 5; }));
  CHECK(lock.lock->state() == State::held);
  REQUIRE(lock.lock->renew(0s, {}));
  CHECK(lock.lock->remaining() == Duration::max());
}

TEST_CASE("a lock outlives its client, renewed") {
  auto engine = std::make_unique<Engine>();
  const auto store = std::make_shared<MemoryStore>();
  Heard heard;
  Options options;
  options.lease = 1s;
  Handlers yes;
  auto taken = acquire(*engine, target_of(store, "k"), options, yes, heard, {});
  REQUIRE(taken);
  Ended lock{*taken};
  engine.reset();
  CHECK(eventually([&] { return lock.lock->record()->seq > 7; }));
  CHECK(lock.lock->state() == State::held);
}
