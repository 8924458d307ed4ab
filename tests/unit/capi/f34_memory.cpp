// F34: each allocation of a call fails once. Whatever call it was: a status, nothing half-held, and the next is fine.
#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include <doctest/doctest.h>

#include "vfslock/vfslock.h"

namespace {

// How many allocations of this thread still succeed; negative: all.
thread_local long allowance = -1;
thread_local bool refused = false;

void *allocate(std::size_t size) noexcept {
  if (allowance == 0) {
    refused = true;
    return nullptr;
  }
  if (allowance > 0) --allowance;
  return std::malloc(size ? size : 1);
}

}  // namespace

void *operator new(std::size_t size) {
  void *got = allocate(size);
  if (!got) throw std::bad_alloc();
  return got;
}
void *operator new[](std::size_t size) { return operator new(size); }
void *operator new(std::size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void operator delete(void *at) noexcept { std::free(at); }
void operator delete[](void *at) noexcept { std::free(at); }
void operator delete(void *at, std::size_t) noexcept { std::free(at); }
void operator delete[](void *at, std::size_t) noexcept { std::free(at); }
void operator delete(void *at, const std::nothrow_t &) noexcept { std::free(at); }
void operator delete[](void *at, const std::nothrow_t &) noexcept { std::free(at); }

namespace {


// Calls `call` until no allocation of it fails any more; `check` sees each status. Returns the number of sites.
int fail_each(const std::function<vfslock_status(vfslock_error **)> &call,
              const std::function<void(vfslock_status)> &check) {
  for (long n = 0;; ++n) {
    vfslock_error *error = nullptr;
    allowance = n;
    refused = false;
    const vfslock_status status = call(&error);
    const bool failed = refused;
    allowance = -1;
    if (status != VFSLOCK_OK) {
      REQUIRE(error);
      CHECK(vfslock_error_status(error) == status);
      CHECK(vfslock_error_message(error) != nullptr);
    }
    vfslock_error_free(error);
    check(status);
    if (!failed) return static_cast<int>(n);
    REQUIRE(n < 5000);
  }
}

std::int32_t stands_there(const char *uri) {
  vfslock_report *report = nullptr;
  REQUIRE(vfslock_inspect(nullptr, uri, -1, nullptr, &report, nullptr) == VFSLOCK_OK);
  const std::int32_t state = vfslock_report_state(report);
  vfslock_report_free(report);
  return state;
}

std::int32_t on_lost(void *, const vfslock_event *) { return 0; }

}  // namespace

TEST_CASE("F34: acquire fails as a whole, and the lock is free again") {
  const char *uri = "mem://memory/acquire";
  vfslock_options *options = nullptr;
  REQUIRE(vfslock_options_new(&options, nullptr) == VFSLOCK_OK);
  REQUIRE(vfslock_options_on_lost(options, on_lost, nullptr, nullptr, nullptr) == VFSLOCK_OK);
  REQUIRE(vfslock_options_set_owner_id(options, std::string(100, 'o').c_str(), nullptr) == VFSLOCK_OK);
  vfslock_lock *warm = nullptr;  // the process's own first things are made
  REQUIRE(vfslock_acquire(nullptr, uri, options, 0, nullptr, &warm, nullptr) == VFSLOCK_OK);
  vfslock_lock_close(warm, -1);

  vfslock_lock *lock = nullptr;
  const int sites = fail_each(
      [&](vfslock_error **error) {
        lock = nullptr;
        return vfslock_acquire(nullptr, uri, options, 0, nullptr, &lock, error);
      },
      [&](vfslock_status status) {
        if (status == VFSLOCK_OK) {
          CHECK(vfslock_lock_is_held(lock) == 1);
          vfslock_lock_close(lock, -1);
        } else {
          CHECK(lock == nullptr);
        }
        // What was written and could not be taken back is nobody's: the next one takes it.
        vfslock_lock *next = nullptr;
        CHECK(vfslock_acquire(nullptr, uri, nullptr, 0, nullptr, &next, nullptr) == VFSLOCK_OK);
        vfslock_lock_close(next, -1);
      });
  CHECK(sites > 30);
  vfslock_options_free(options);
}

TEST_CASE("F34: renew, check, record and release fail typed, and the lock stays what it was") {
  const char *uri = "mem://memory/held";
  vfslock_lock *lock = nullptr;
  REQUIRE(vfslock_acquire(nullptr, uri, nullptr, 0, nullptr, &lock, nullptr) == VFSLOCK_OK);
  const auto still_held = [&](vfslock_status) { CHECK(vfslock_lock_is_held(lock) == 1); };
  CHECK(fail_each([&](vfslock_error **error) { return vfslock_lock_renew(lock, -1, -1, nullptr, nullptr, error); }, still_held) > 5);
  CHECK(fail_each([&](vfslock_error **error) { return vfslock_lock_check(lock, -1, nullptr, nullptr, error); }, still_held) > 0);
  vfslock_record *record = nullptr;
  CHECK(fail_each(
            [&](vfslock_error **error) {
              record = nullptr;
              return vfslock_lock_record(lock, &record, error);
            },
            [&](vfslock_status status) {
              CHECK((record != nullptr) == (status == VFSLOCK_OK));
              vfslock_record_free(record);
            }) > 3);

  bool released = false;
  fail_each([&](vfslock_error **error) { return vfslock_lock_release(lock, -1, nullptr, error); },
            [&](vfslock_status status) {
              released = released || status == VFSLOCK_OK;
              CHECK(vfslock_lock_is_held(lock) == 0);
            });
  CHECK(released);
  CHECK(stands_there(uri) == VFSLOCK_REPORT_FREE);
  vfslock_lock_close(lock, -1);
}

TEST_CASE("F34: close and free work without memory") {
  for (const bool close : {true, false}) {
    const std::string uri = std::string("mem://memory/") + (close ? "close" : "free");
    vfslock_lock *lock = nullptr;
    REQUIRE(vfslock_acquire(nullptr, uri.c_str(), nullptr, 0, nullptr, &lock, nullptr) == VFSLOCK_OK);
    allowance = 0;
    if (close) vfslock_lock_close(lock, -1);
    else vfslock_lock_free(lock);
    allowance = -1;
    vfslock_lock *next = nullptr;  // the proof of life went, so even what was left is free at once
    CHECK(vfslock_acquire(nullptr, uri.c_str(), nullptr, 0, nullptr, &next, nullptr) == VFSLOCK_OK);
    vfslock_lock_close(next, -1);
  }
}

TEST_CASE("F34: makers and setters give nothing when they fail, and spoiled options say so") {
  vfslock_client *client = nullptr;
  fail_each([&](vfslock_error **error) { return vfslock_client_new(&client, error); },
            [&](vfslock_status status) { CHECK((client != nullptr) == (status == VFSLOCK_OK)); });
  fail_each([&](vfslock_error **error) { return vfslock_client_set(client, "lock.name", "{name}.a-long-name-of-a-lock", error); },
            [](vfslock_status) {});
  vfslock_client_free(client);
  vfslock_cancel *cancel = nullptr;
  fail_each([&](vfslock_error **error) { return vfslock_cancel_new(&cancel, error); },
            [&](vfslock_status status) { CHECK((cancel != nullptr) == (status == VFSLOCK_OK)); });
  vfslock_cancel_free(cancel);

  static int destroyed = 0, calls = 0;
  vfslock_options *options = nullptr;
  REQUIRE(vfslock_options_new(&options, nullptr) == VFSLOCK_OK);
  fail_each([&](vfslock_error **error) {
              ++calls;
              return vfslock_options_on_lost(options, on_lost, &destroyed, [](void *) { ++destroyed; }, error);
            },
            [](vfslock_status) {});
  vfslock_options_free(options);
  CHECK(destroyed == calls);

  REQUIRE(vfslock_options_new(&options, nullptr) == VFSLOCK_OK);
  const std::string owner(500, 'o');
  fail_each([&](vfslock_error **error) { return vfslock_options_set_owner_id(options, owner.c_str(), error); }, [](vfslock_status) {});
  vfslock_lock *lock = nullptr;
  CHECK(vfslock_acquire(nullptr, "mem://memory/spoiled", options, 0, nullptr, &lock, nullptr) == VFSLOCK_NO_MEMORY);
  vfslock_options_free(options);
}

TEST_CASE("F34: inspect gives a report or nothing") {
  vfslock_report *report = nullptr;
  CHECK(fail_each(
            [&](vfslock_error **error) {
              report = nullptr;
              return vfslock_inspect(nullptr, "mem://memory/inspect", -1, nullptr, &report, error);
            },
            [&](vfslock_status status) {
              CHECK((report != nullptr) == (status == VFSLOCK_OK));
              vfslock_report_free(report);
            }) > 10);
}

namespace {

// A client that tells its log of everything, and options of a tenure that outlives its handle.
struct Logged {
  vfslock_client *client = nullptr;
  vfslock_options *detached = nullptr;
  Logged() {
    REQUIRE(vfslock_client_new(&client, nullptr) == VFSLOCK_OK);
    REQUIRE(vfslock_client_on_log(client, on_lost, nullptr, nullptr, nullptr) == VFSLOCK_OK);
    REQUIRE(vfslock_options_new(&detached, nullptr) == VFSLOCK_OK);
    REQUIRE(vfslock_options_set_detached(detached, 1, nullptr) == VFSLOCK_OK);
    REQUIRE(vfslock_options_set_renewal(detached, 0, nullptr) == VFSLOCK_OK);
  }
  ~Logged() {
    vfslock_options_free(detached);
    vfslock_client_free(client);
  }
  std::string leave_behind(const char *uri) const {
    vfslock_lock *lock = nullptr;
    REQUIRE(vfslock_acquire(nullptr, uri, detached, 0, nullptr, &lock, nullptr) == VFSLOCK_OK);
    const std::string id = vfslock_lock_id(lock);
    vfslock_lock_close(lock, -1);
    return id;
  }
};

}  // namespace

TEST_CASE("F34: what a log is not told, since there is no memory for it, changes no lock") {
  const char *uri = "mem://memory/logged";
  const Logged logged;
  vfslock_lock *lock = nullptr;
  REQUIRE(vfslock_acquire(logged.client, uri, nullptr, 0, nullptr, &lock, nullptr) == VFSLOCK_OK);
  vfslock_lock_close(lock, -1);
  fail_each(
      [&](vfslock_error **error) {
        lock = nullptr;
        return vfslock_acquire(logged.client, uri, nullptr, 0, nullptr, &lock, error);
      },
      [&](vfslock_status status) {
        CHECK((lock != nullptr) == (status == VFSLOCK_OK));
        if (status != VFSLOCK_OK) {
          CHECK(stands_there(uri) != VFSLOCK_REPORT_HELD);
          return;
        }
        CHECK(vfslock_lock_is_held(lock) == 1);
        bool released = false;
        fail_each([&](vfslock_error **error) { return vfslock_lock_release(lock, -1, nullptr, error); },
                  [&](vfslock_status outcome) { released = released || outcome == VFSLOCK_OK; });
        CHECK(released);
        vfslock_lock_close(lock, -1);
      });
  CHECK(stands_there(uri) == VFSLOCK_REPORT_FREE);
}

TEST_CASE("F34: resume, break and list fail typed, and leave the tenure to whoever knows its id") {
  const char *uri = "mem://memory/others/detached";
  const Logged logged;
  const std::string id = logged.leave_behind(uri);
  vfslock_lock *lock = nullptr;
  CHECK(fail_each(
            [&](vfslock_error **error) {
              lock = nullptr;
              return vfslock_resume(logged.client, uri, id.c_str(), nullptr, -1, nullptr, &lock, error);
            },
            [&](vfslock_status status) {
              CHECK((lock != nullptr) == (status == VFSLOCK_OK));
              vfslock_lock_close(lock, -1);
              CHECK(stands_there(uri) == VFSLOCK_REPORT_HELD);
            }) > 20);
  CHECK(fail_each(
            [&](vfslock_error **error) {
              vfslock_list *list = nullptr;
              vfslock_report *report = nullptr;
              const vfslock_status made = vfslock_list_new(logged.client, "mem://memory/others", &list, error);
              if (made != VFSLOCK_OK) return made;
              const vfslock_status status = vfslock_list_next(list, -1, nullptr, &report, error);
              CHECK((report != nullptr) == (status == VFSLOCK_OK));
              vfslock_report_free(report);
              vfslock_list_free(list);
              return status;
            },
            [](vfslock_status) {}) > 20);
  bool broken = false;
  fail_each([&](vfslock_error **error) { return vfslock_break_lock(logged.client, uri, id.c_str(), -1, nullptr, error); },
            [&](vfslock_status status) { broken = broken || status == VFSLOCK_OK; });
  CHECK(stands_there(uri) == VFSLOCK_REPORT_RELEASED);
}

TEST_CASE("F34: with_lock leaves nothing held, whatever fails") {
  const char *uri = "mem://memory/body";
  static int bodies;
  fail_each(
      [&](vfslock_error **error) {
        return vfslock_with_lock(nullptr, uri, nullptr, 0, nullptr, [](void *, vfslock_lock *) -> std::int32_t {
          ++bodies;
          return 0;
        }, nullptr, error);
      },
      [&](vfslock_status) {
        vfslock_lock *next = nullptr;
        CHECK(vfslock_acquire(nullptr, uri, nullptr, 0, nullptr, &next, nullptr) == VFSLOCK_OK);
        vfslock_lock_close(next, -1);
      });
  CHECK(bodies > 0);
}
