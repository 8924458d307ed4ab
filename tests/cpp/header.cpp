// vfslock.hpp as programs use it: objects that end themselves, exceptions by kind, and the forms without exceptions.
#include <doctest/doctest.h>

#include <mutex>
#include <thread>
#include <type_traits>

#include <vfslock/vfslock.hpp>

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<vfslock::lock> && std::is_nothrow_move_constructible_v<vfslock::lock>);
static_assert(std::is_base_of_v<vfslock::error, vfslock::held> && std::is_base_of_v<std::runtime_error, vfslock::error>);

TEST_CASE("a lock is given back when its object ends") {
  const std::string uri = "mem://cpp/scope";
  {
    const vfslock::lock lock = vfslock::acquire(uri, {.ttl = 30s, .owner_id = "a"});
    CHECK(lock.is_held());
    CHECK(lock.uri() == uri);
    CHECK(lock.id().size() == 32);
    CHECK(lock.token() > 0);
    CHECK(lock.remaining() > 0ms);
    CHECK(lock.guarantee() == VFSLOCK_GUARANTEE_EXACT);
  }
  CHECK(vfslock::acquire(uri).is_held());
}

TEST_CASE("who is refused is told by whom; nothing else is a refusal") {
  vfslock::lock first = vfslock::acquire("mem://cpp/held", {.owner_id = "first"});
  CHECK_FALSE(vfslock::try_acquire("mem://cpp/held"));
  try {
    vfslock::acquire("mem://cpp/held", {.wait = 1ms});
    FAIL("it was held");
  } catch (const vfslock::held &refusal) {
    CHECK(refusal.status() == VFSLOCK_TIMEOUT);
    REQUIRE(refusal.holder());
    CHECK(vfslock_record_owner_id(refusal.holder()) == std::string("first"));
    CHECK(refusal.info().retryable());
  }
  CHECK_THROWS_AS(vfslock::try_acquire("gopher://h/x"), vfslock::error);
  CHECK_THROWS_AS(vfslock::acquire("mem://cpp/x", {.ttl = -1ms}), vfslock::error);
  CHECK_THROWS_AS(vfslock::acquire("mem://cpp/x", {.steal = "maybe"}), vfslock::error);
}

TEST_CASE("release says how it went, once") {
  vfslock::lock lock = vfslock::acquire("mem://cpp/release");
  CHECK(lock.renew() > 0ms);
  CHECK(lock.check() > 0ms);
  lock.release();
  CHECK_FALSE(lock);
  CHECK_FALSE(lock.is_held());
  CHECK_THROWS_AS(lock.release(), vfslock::error);
}

TEST_CASE("a tenure that ended by its TTL is lost") {
  vfslock::lock lock = vfslock::acquire("mem://cpp/lost", {.ttl = 1ms, .renewal = false});
  while (lock.is_held()) std::this_thread::yield();
  CHECK(lock.state() == VFSLOCK_STATE_LOST);
  CHECK_THROWS_AS(lock.renew(), vfslock::lost);
}

TEST_CASE("without exceptions") {
  vfslock::error_info info;
  vfslock::lock lock = vfslock::acquire("mem://cpp/quiet", {}, info);
  REQUIRE(lock);
  CHECK_FALSE(info);
  CHECK_FALSE(vfslock::acquire("mem://cpp/quiet", {}, info));
  CHECK(info.status() == VFSLOCK_HELD);
  CHECK(info.uri() == std::string("mem://cpp/quiet"));
  CHECK(lock.release(vfslock::own_bound, info));
  CHECK_FALSE(info);  // what it told of an earlier call is gone
}

TEST_CASE("attributes stand in the record") {
  const vfslock::lock lock = vfslock::acquire("mem://cpp/attributes", {.attributes = {{"job", "17"}}});
  vfslock::error_info info;
  CHECK_FALSE(vfslock::acquire("mem://cpp/attributes", {}, info));
  CHECK(vfslock_record_attribute(info.record(), "job") == std::string("17"));
}

TEST_CASE("no time ends a lock without a TTL") {
  CHECK_FALSE(vfslock::acquire("mem://cpp/never", {.ttl = 0ms}).remaining());
}

TEST_CASE("moved, there is one owner") {
  vfslock::lock one = vfslock::acquire("mem://cpp/moved"), other = std::move(one);
  CHECK_FALSE(one);  // NOLINT: what is left of it is part of the promise
  CHECK(other.is_held());
  one = std::move(other);
  CHECK(one.is_held());
}

TEST_CASE("the standard's templates") {
  vfslock::mutex mutex("mem://cpp/mutex"), second("mem://cpp/mutex2");
  {
    const std::scoped_lock both(mutex, second);
    CHECK(mutex.held_lock().is_held());
    vfslock::mutex rival("mem://cpp/mutex");
    CHECK_FALSE(rival.try_lock());
  }
  std::unique_lock again(mutex, std::try_to_lock);
  CHECK(again.owns_lock());
}
