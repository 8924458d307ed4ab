// The rest of vfslock.hpp, in memory and on a local folder: each noun does what its C functions do, exceptions go around C,
// and what can fail tells so in both forms.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <unistd.h>

#include <vfslock/vfslock.hpp>

#include "support/folder.hpp"

using namespace std::chrono_literals;
using vfslock::impl::test::bases;
using vfslock::impl::test::Folder;

namespace {

// Runs a test in memory and on a disk, with a place for its locks.
template <class Test>
void everywhere(const std::string &name, Test test) {
  test("mem://cpp-" + name);
  const Folder folder(bases().front());
  test(folder.path());
}

struct own_failure {
  int value;
};

}  // namespace

TEST_CASE("with_lock: the value passes, and the lock is held in it and free after it") {
  everywhere("with", [](const std::string &place) {
    const std::string uri = place + "/a";
    const std::string id = vfslock::with_lock(uri, {}, [&](vfslock::lock_ref lock) {
      CHECK(lock.is_held());
      CHECK(lock.renew() > 0ms);
      CHECK_FALSE(vfslock::try_acquire(uri));
      return lock.id();
    });
    CHECK(id.size() == 32);
    bool ran = false;
    vfslock::with_lock(uri, {}, [&](vfslock::lock_ref) { ran = true; });
    CHECK(ran);
    CHECK(vfslock::try_acquire(uri));
  });
}

TEST_CASE("with_lock: what the body throws passes, and the lock is free") {
  everywhere("throw", [](const std::string &place) {
    const std::string uri = place + "/a";
    try {
      vfslock::with_lock(uri, {}, [](vfslock::lock_ref) { throw own_failure{7}; });
      FAIL("it threw");
    } catch (const own_failure &failure) {
      CHECK(failure.value == 7);
    }
    CHECK(vfslock::inspect(uri).state() == VFSLOCK_REPORT_FREE);

    vfslock::error_info info;
    CHECK_FALSE(vfslock::with_lock(uri, {}, [](vfslock::lock_ref) -> int { throw own_failure{8}; }, info));
    CHECK(info.status() == VFSLOCK_CALLBACK_FAILED);
    CHECK_THROWS_AS(std::rethrow_exception(info.thrown()), own_failure);
    CHECK_FALSE(vfslock::with_lock(uri, {}, [](vfslock::lock_ref) { return 9; }, info));
    CHECK(info.callback_value() == 9);
    CHECK_FALSE(info.thrown());
    CHECK(info.operation() == std::string("with_lock"));
    CHECK(vfslock::with_lock(uri, {}, [](vfslock::lock_ref) { return 0; }, info));
    CHECK_FALSE(info);
  });
}

TEST_CASE("with_lock: a lock that is lost or held by others is told") {
  const auto outlive = [](vfslock::lock_ref lock) {
    while (lock.is_held()) std::this_thread::yield();
  };
  CHECK_THROWS_AS(vfslock::with_lock("mem://cpp-with/lost", {.ttl = 250ms, .renewal = false}, outlive), vfslock::lost);
  const vfslock::lock first = vfslock::acquire("mem://cpp-with/held");
  CHECK_THROWS_AS(vfslock::with_lock("mem://cpp-with/held", {}, [](vfslock::lock_ref) { FAIL("not had"); }), vfslock::held);
}

TEST_CASE("a detached tenure stays when its object ends, and is resumed by its id") {
  everywhere("resume", [](const std::string &place) {
    const std::string uri = place + "/a";
    const std::string id = vfslock::acquire(uri, {.ttl = 60s, .detached = true}).id();
    CHECK(vfslock::inspect(uri).state() == VFSLOCK_REPORT_HELD);
    vfslock::lock again = vfslock::resume(uri, id);
    CHECK(again.id() == id);
    CHECK(again.is_held());
    again.release();
    CHECK_THROWS_AS(vfslock::resume(uri, id), vfslock::error);
    vfslock::error_info info;
    CHECK_FALSE(vfslock::resume(uri, id, {}, info));
    CHECK(info);
  });
}

TEST_CASE("list: a range of reports, each once") {
  everywhere("list", [](const std::string &place) {
    const vfslock::lock a = vfslock::acquire(place + "/a"), b = vfslock::acquire(place + "/b");
    std::set<std::string> ids;
    for (const vfslock::report &found : vfslock::list(place)) {
      CHECK(found.state() == VFSLOCK_REPORT_HELD);
      CHECK(ids.insert(found.id()).second);
    }
    CHECK(ids == std::set<std::string>{a.id(), b.id()});

    vfslock::list algorithm(place);
    CHECK(std::count_if(algorithm.begin(), algorithm.end(), [](const auto &found) { return bool(found); }) == 2);
    vfslock::error_info info;
    vfslock::list quiet(place, info);
    REQUIRE_FALSE(info);
    CHECK(quiet.next(vfslock::own_bound, info));
    CHECK(quiet.next());
    CHECK_FALSE(quiet.next(vfslock::own_bound, info));
    CHECK_FALSE(info);
  });
  CHECK_THROWS_AS(vfslock::list("gopher://h"), vfslock::error);
  vfslock::error_info info;
  vfslock::list wrong("gopher://h", info);
  CHECK(info.status() == VFSLOCK_UNSUPPORTED);
  CHECK_THROWS_AS(wrong.next(), vfslock::error);
  const Folder folder(bases().front());
  vfslock::list missing(folder.at("none"));
  CHECK_THROWS_AS(missing.begin(), vfslock::error);
}

TEST_CASE("break ends exactly what was looked at") {
  everywhere("break", [](const std::string &place) {
    const std::string uri = place + "/a";
    vfslock::lock holder = vfslock::acquire(uri, {.owner_id = "holder"});
    const vfslock::report seen = vfslock::inspect(uri);
    CHECK(seen.id() == holder.id());
    CHECK(seen.record().owner_id() == std::string("holder"));
    CHECK_THROWS_AS(vfslock::break_lock(uri, std::string(32, '0')), vfslock::held);
    CHECK(holder.check() > 0ms);
    vfslock::break_lock(uri, seen.id());
    CHECK_THROWS_AS(holder.check(), vfslock::lost);
    vfslock::error_info info;
    CHECK_FALSE(vfslock::break_lock(uri, seen.id(), info));
    CHECK(info);
  });
}

TEST_CASE("inspect and probe look, and take nothing") {
  everywhere("inspect", [](const std::string &place) {
    const std::string uri = place + "/a";
    const vfslock::report probed = vfslock::probe(uri);
    CHECK(probed.guarantee() == VFSLOCK_GUARANTEE_EXACT);
    CHECK(std::string(probed.json()).find("\"probe\"") != std::string::npos);
    CHECK(std::string(vfslock::inspect(uri).json()).find("\"probe\"") == std::string::npos);
    CHECK(probed.state() == VFSLOCK_REPORT_FREE);
    CHECK(probed.uri() != std::string());
    CHECK(probed.reason() != std::string());
    CHECK_FALSE(probed.record());
    vfslock::error_info info;
    CHECK(vfslock::probe(uri, info));
    CHECK_FALSE(vfslock::inspect("gopher://h/x", info));
    CHECK(info.name() == std::string("UNSUPPORTED"));
    CHECK_THROWS_AS(vfslock::probe("gopher://h/x"), vfslock::error);
  });
}

TEST_CASE("a record tells of its holder, and outlives what it came from") {
  vfslock::record kept;
  everywhere("record", [&](const std::string &place) {
    vfslock::lock lock = vfslock::acquire(place + "/a", {.ttl = 60s, .owner_id = "me", .attributes = {{"b", "2"}}});
    vfslock::error_info info;
    CHECK_FALSE(vfslock::acquire(place + "/a", {}, info));
    kept = info.record();
    info = {};
    lock.release();
    CHECK(kept.owner_id() == std::string("me"));
    CHECK(kept.attribute("b") == std::string("2"));
    CHECK_FALSE(kept.attribute("c"));
    CHECK(kept.attributes() == std::vector<std::pair<std::string, std::string>>{{"b", "2"}});
    CHECK(kept.pid() == getpid());
    CHECK(kept.host() != std::string());
    CHECK(std::string(kept.lock_id()).size() == 32);
    CHECK(kept.token() > 0);
    CHECK(kept.age() >= 0ms);
    CHECK(kept.created_unix() > 0ms);
    CHECK(*kept.expires_unix() >= kept.created_unix() + 60s);
    CHECK(kept.dup().json() == std::string(kept.json()));
    CHECK_THROWS_AS(lock.record(), vfslock::error);
  });
  CHECK_THROWS_AS(vfslock::record().dup(), vfslock::error);
  vfslock::error_info info;
  CHECK_FALSE(vfslock::record().dup(info));
  CHECK(info.status() == VFSLOCK_INVALID_ARGUMENT);
  const vfslock::lock endless = vfslock::acquire("mem://cpp-record/never", {.ttl = 0ms});
  CHECK_FALSE(endless.record().expires_unix());
}

TEST_CASE("the TTL may be changed; close gives back; what is forgotten on a disk is free at once") {
  everywhere("ttl", [](const std::string &place) {
    const bool local = place[0] == '/';
    vfslock::lock lock = vfslock::acquire(place + "/a", {.ttl = 60s});
    CHECK(lock.set_ttl(3600s) > 60s);
    CHECK(*lock.remaining() > 60s);
    CHECK_THROWS_AS(lock.set_ttl(-5ms), vfslock::error);
    vfslock::error_info info;
    const std::optional<int> fd = lock.inherit(info);
    CHECK_FALSE(info);
    CHECK(fd.has_value() == local);
    if (fd) CHECK(::close(*fd) == 0);
    lock.close();
    CHECK_FALSE(lock);
    CHECK(vfslock::inspect(place + "/a").state() == VFSLOCK_REPORT_FREE);
    lock = vfslock::acquire(place + "/b", {.ttl = 60s});
    lock.forget();
    CHECK_FALSE(lock);
    CHECK(vfslock::inspect(place + "/b").state() != VFSLOCK_REPORT_FREE);  // the record was left alone
    if (local) CHECK(vfslock::try_acquire(place + "/b"));
  });
}

TEST_CASE("what is locked may lie in a directory that does not exist yet; an empty file waits to be adopted") {
  const Folder folder(bases().front());
  CHECK_THROWS_AS(vfslock::acquire(folder.at("x/y/a")), vfslock::error);
  CHECK(vfslock::acquire(folder.at("x/y/a"), {.create_parents = true}).is_held());
  std::ofstream(folder.at("b.lock")).close();
  vfslock::error_info info;
  CHECK_FALSE(vfslock::acquire(folder.at("b"), {.wait = 1ms}, info));
  CHECK(info.status() == VFSLOCK_CORRUPT_RECORD);
  CHECK_FALSE(vfslock::acquire(folder.at("b"), {.wait = 1ms, .adopt_empty = true}, info));
  CHECK(info.status() == VFSLOCK_TIMEOUT);  // only its time has not come yet
  CHECK_THROWS_AS(vfslock::acquire(folder.at("c"), {.settings = {{"nonsense", "1"}}}), vfslock::error);
  CHECK(vfslock::acquire(folder.at("c"), {.settings = {{"steal", "dead"}}}).is_held());
}

TEST_CASE("a stale handler decides; what it or a waiting handler throws passes") {
  everywhere("stale", [](const std::string &place) {
    const std::string uri = place + "/a";
    vfslock::acquire(uri, {.ttl = 250ms, .renewal = false, .detached = true}).forget();
    int asked = 0;
    vfslock::options wish;
    wish.wait = 60s;
    wish.on_stale = [&](const vfslock::event &event) {
      ++asked;
      CHECK(event.kind() == std::string("stale"));
      CHECK(event.uri() != std::string());
      CHECK(event.report().record().lock_id() != std::string());
      CHECK_FALSE(event.lock());
      CHECK(event.number("age_ms") >= 0);
      CHECK(event.number("nonsense") == -1);
      return 2;
    };
    vfslock::error_info info;
    CHECK_FALSE(vfslock::acquire(uri, wish, info));
    CHECK(info.status() == VFSLOCK_VETOED);
    CHECK(asked == 1);
    wish.on_stale = [](const vfslock::event &) -> int { throw own_failure{1}; };
    CHECK_THROWS_AS(vfslock::acquire(uri, wish), own_failure);
    wish.on_stale = [](const vfslock::event &) { return -5; };
    CHECK_FALSE(vfslock::acquire(uri, wish, info));
    CHECK(info.callback_value() == -5);
    wish.on_stale = [](const vfslock::event &) { return 0; };
    const vfslock::lock taken = vfslock::acquire(uri, wish);
    wish.on_waiting = [&](const vfslock::event &event) -> int {
      CHECK(event.report().id() == taken.id());
      throw own_failure{2};
    };
    CHECK_THROWS_AS(vfslock::acquire(uri, wish), own_failure);
    CHECK(taken.is_held());
  });
}

TEST_CASE("a cancel ends a wait") {
  const vfslock::lock first = vfslock::acquire("mem://cpp-cancel/a");
  vfslock::cancel stop;
  vfslock::options wish;
  wish.wait = vfslock::wait_forever;
  wish.cancel = stop;
  wish.on_waiting = [&](const vfslock::event &) { return stop.trigger(), 0; };
  vfslock::error_info info;
  CHECK_FALSE(stop.is_triggered());
  CHECK_FALSE(vfslock::acquire("mem://cpp-cancel/a", wish, info));
  CHECK(info.status() == VFSLOCK_CANCELLED);
  CHECK(stop.is_triggered());
  CHECK_FALSE(vfslock::cancel(info).is_triggered());
}

TEST_CASE("a lost lock is told to its listener, whose captures end with the lock") {
  const auto told = std::make_shared<std::atomic<int>>(0);
  {
    vfslock::options wish;
    wish.ttl = 250ms;
    wish.renewal = false;
    wish.on_lost = [told](const vfslock::event &event) {
      if (event.lock() && event.error().status() == VFSLOCK_LOST && event.text("reason") == std::string("expired")) ++*told;
    };
    wish.on_at_risk = [told](const vfslock::event &) { *told += 100; };
    const vfslock::lock lock = vfslock::acquire("mem://cpp-lost/a", wish);
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!*told && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    CHECK(*told == 1);
  }
  CHECK(told.use_count() == 1);
}

TEST_CASE("a client has keys, and tells what it does") {
  std::atomic<int> logged = 0, measured = 0;
  {
    vfslock::client client;
    client.set("lock.name", "{name}.mine").on_log([&](const vfslock::event &event) {
      if (event.kind() == std::string("log") && event.text("operation") == std::string("acquire")) ++logged;
    });
    client.on_metric([&](const vfslock::event &event) {
      if (event.kind() == std::string("metric") && event.number("duration_us") >= 0) ++measured;
    });
    const Folder folder(bases().front());
    const vfslock::lock lock = vfslock::acquire(folder.at("a"), {}, client);
    CHECK(folder.names() == std::vector<std::string>{"a.mine"});
    CHECK_THROWS_AS(client.set("lock.name", "{name}.late"), vfslock::error);
    CHECK_THROWS_AS(client.on_log({}), vfslock::error);
  }
  CHECK(logged == 1);
  CHECK(measured > 0);
  vfslock::error_info info;
  vfslock::client quiet(info);
  CHECK_FALSE(info);
  CHECK_FALSE(quiet.set("nonsense", "1", info));
  CHECK(info.status() == VFSLOCK_INVALID_ARGUMENT);
}

TEST_CASE("the library tells of itself") {
  CHECK(vfslock::version_number() == VFSLOCK_VERSION_NUMBER);
  CHECK(vfslock::version_string() == std::string(VFSLOCK_VERSION_STRING));
  const auto schemes = vfslock::schemes();
  CHECK(std::count(schemes.begin(), schemes.end(), "file") == 1);
  const auto keys = vfslock::keys();
  CHECK(std::count_if(keys.begin(), keys.end(), [](const vfslock::key &key) {
    return key.name() == std::string("steal") && key.text("scope") == std::string("options") && !key.text("nonsense");
  }) == 1);
}

TEST_CASE("the standard's templates with waits and clients; unlocking says how it went where it is asked") {
  everywhere("mutex", [](const std::string &place) {
    vfslock::client client;
    vfslock::mutex one(place + "/a", {}, client), rival(place + "/a", {}, client);
    {
      const std::lock_guard held(one);
      CHECK(one.held_lock().is_held());
      CHECK_FALSE(std::unique_lock(rival, 1ms));
      CHECK_FALSE(rival.try_lock_for(-1s));
      CHECK_FALSE(rival.try_lock_until(std::chrono::system_clock::now() - 1s));
    }
    CHECK(std::unique_lock(rival, 60s).owns_lock());
    one.lock();
    vfslock::break_lock(place + "/a", one.held_lock().id(), client);
    vfslock::error_info info;
    CHECK_FALSE(one.unlock(info));
    CHECK(info.status() == VFSLOCK_LOST);
    one.unlock();
    CHECK_FALSE(one.held_lock());
    CHECK(rival.try_lock());
    CHECK(rival.unlock(info));
  });
}
