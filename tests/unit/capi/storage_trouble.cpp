// What the interface tells when the storage behind it makes trouble.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

#include <doctest/doctest.h>

#include "runtime/ambient.hpp"
#include "storage/memory/memory.hpp"
#include "vfslock/vfslock.h"

using namespace vfslock::impl;
using namespace std::chrono_literals;
using Operation = MemoryRequest::Operation;

namespace {

struct Told {
  std::mutex mutex;
  std::condition_variable changed;
  std::string kinds;
  std::string message;
  std::string reason;
  std::int64_t remaining = -7;

  bool wait_for(const std::string &wanted) {
    std::unique_lock locked(mutex);
    return changed.wait_for(locked, 60s, [&] { return kinds == wanted; });
  }
};

std::int32_t hear(void *user_data, const vfslock_event *event) {
  auto &told = *static_cast<Told *>(user_data);
  const std::lock_guard locked(told.mutex);
  told.kinds += std::string(vfslock_event_text(event, "kind")) + " ";
  told.message = vfslock_error_message(vfslock_event_error(event));
  told.remaining = vfslock_event_number(event, "remaining_ms");
  if (const char *reason = vfslock_event_text(event, "reason")) told.reason = reason;
  told.changed.notify_all();
  return 0;
}

struct Trouble {
  Trouble() {
    REQUIRE(vfslock_options_new(&options, nullptr) == VFSLOCK_OK);
    CHECK(vfslock_options_set_ttl_ms(options, 1000, nullptr) == VFSLOCK_OK);
    CHECK(vfslock_options_on_at_risk(options, hear, &told, nullptr, nullptr) == VFSLOCK_OK);
    CHECK(vfslock_options_on_lost(options, hear, &told, nullptr, nullptr) == VFSLOCK_OK);
    REQUIRE(vfslock_acquire(nullptr, "mem://trouble/x", options, 0, nullptr, &lock, nullptr) == VFSLOCK_OK);
  }
  ~Trouble() {
    store->inject({});
    vfslock_lock_close(lock, -1);
    vfslock_options_free(options);
    store->wipe("x.lock");
  }
  void fail(Operation operation, MemoryFault::Kind kind) {
    store->inject({[=](const MemoryRequest &request) -> MemoryFault {
                     if (request.operation != operation) return {};
                     return {kind, {Status::UNAVAILABLE, "the storage is away", {}, {}, {}, 0, {}, {{"http_status", "503"}}}};
                   },
                   nullptr});
  }

  std::shared_ptr<MemoryStore> store = named_memory("trouble");
  Told told;
  vfslock_options *options = nullptr;
  vfslock_lock *lock = nullptr;
};

}  // namespace

TEST_CASE("at risk, then lost: the handlers get the cause and the reason") {
  Trouble trouble;
  trouble.fail(Operation::put, MemoryFault::Kind::error);
  CHECK(trouble.told.wait_for("at_risk lost "));
  CHECK(trouble.told.reason == "unreachable");
  CHECK(trouble.told.remaining == 0);
  CHECK(vfslock_lock_state(trouble.lock) == VFSLOCK_STATE_LOST);
}

TEST_CASE("at risk, then fine: the lock is held, and nobody is told more") {
  Trouble trouble;
  trouble.fail(Operation::put, MemoryFault::Kind::error);
  CHECK(trouble.told.wait_for("at_risk "));
  trouble.store->inject({});
  {
    const std::lock_guard locked(trouble.told.mutex);
    CHECK(trouble.told.message == "the storage is away");
    CHECK(trouble.told.remaining > 0);
    CHECK(trouble.told.remaining < 1000);
  }
  CHECK(vfslock_lock_renew(trouble.lock, -1, -1, nullptr, nullptr, nullptr) == VFSLOCK_OK);
  CHECK(vfslock_lock_is_held(trouble.lock) == 1);
  CHECK(trouble.told.wait_for("at_risk "));
}

TEST_CASE("a removed record is lost at the next look, by hand too") {
  Trouble trouble;
  trouble.store->wipe("x.lock");
  const vfslock_status status = vfslock_lock_check(trouble.lock, -1, nullptr, nullptr, nullptr);
  CHECK(status == VFSLOCK_LOST);
  CHECK(trouble.told.wait_for("lost "));
  CHECK(trouble.told.reason == "removed");
}

TEST_CASE("a renewal that fails by hand says why, and the lock is still held") {
  Trouble trouble;
  CHECK(vfslock_lock_renew(trouble.lock, 30000, -1, nullptr, nullptr, nullptr) == VFSLOCK_OK);
  trouble.fail(Operation::put, MemoryFault::Kind::error);
  vfslock_error *error = nullptr;
  CHECK(vfslock_lock_renew(trouble.lock, VFSLOCK_TTL_SAME, -1, nullptr, nullptr, &error) == VFSLOCK_UNAVAILABLE);
  CHECK(vfslock_error_detail(error, "http_status") == std::string("503"));
  CHECK(vfslock_error_operation(error) == std::string("lock_renew"));
  CHECK(vfslock_error_uri(error) == std::string("mem://trouble/x"));
  CHECK(vfslock_lock_is_held(trouble.lock) == 1);
  vfslock_error_free(error);
}

TEST_CASE("a release whose outcome is unknown says so, and may be repeated") {
  Trouble trouble;
  trouble.fail(Operation::remove, MemoryFault::Kind::unknown);
  CHECK(vfslock_lock_release(trouble.lock, 50, nullptr, nullptr) == VFSLOCK_UNKNOWN_OUTCOME);
  CHECK(vfslock_lock_is_held(trouble.lock) == 0);
  trouble.store->inject({});
  CHECK(vfslock_lock_release(trouble.lock, -1, nullptr, nullptr) == VFSLOCK_OK);
}

TEST_CASE("a corrupt record is refused, has no holder to show, and an id for a break") {
  const auto store = named_memory("corrupt");
  store->plant("x.lock", "{\"createdAt\":");
  vfslock_lock *lock = nullptr;
  vfslock_error *error = nullptr;
  CHECK(vfslock_acquire(nullptr, "mem://corrupt/x", nullptr, 0, nullptr, &lock, &error) == VFSLOCK_CORRUPT_RECORD);
  CHECK(vfslock_error_record(error) == nullptr);
  vfslock_error_free(error);
  vfslock_report *report = nullptr;
  CHECK(vfslock_inspect(nullptr, "mem://corrupt/x", -1, nullptr, &report, nullptr) == VFSLOCK_OK);
  CHECK(vfslock_report_state(report) == VFSLOCK_REPORT_CORRUPT);
  CHECK(std::string(vfslock_report_id(report)).rfind("sha256-", 0) == 0);
  CHECK(std::string(vfslock_report_id(report)).size() == 7 + 64);
  CHECK(vfslock_report_record(report) == nullptr);
  vfslock_report_free(report);
}

TEST_CASE("a foreign record is shown as what it is") {
  const auto store = named_memory("foreign");
  store->plant("x.lock", R"({"ttl":0,"hostname":"h","pid":12,"ownerId":"go"})");
  vfslock_report *report = nullptr;
  CHECK(vfslock_inspect(nullptr, "mem://foreign/x", -1, nullptr, &report, nullptr) == VFSLOCK_OK);
  CHECK(vfslock_report_state(report) == VFSLOCK_REPORT_FOREIGN);
  CHECK(std::string(vfslock_report_id(report)).rfind("sha256-", 0) == 0);
  const vfslock_record *record = vfslock_report_record(report);
  CHECK(vfslock_record_owner_id(record) == std::string("go"));
  CHECK(vfslock_record_lock_id(record) == std::string(""));
  CHECK(vfslock_record_token(record) == 0);
  CHECK(vfslock_record_expires_unix_ms(record) == -1);
  CHECK(vfslock_record_age_ms(record) > 0);
  vfslock_report_free(report);
}
