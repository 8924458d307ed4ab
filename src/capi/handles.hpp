#pragma once
// What stands behind the opaque types of vfslock.h. A handle is its object: nothing is looked up.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "capi/handler.hpp"
#include "capi/telemetry.hpp"
#include "lock/lock.hpp"
#include "lock/record.hpp"
#include "runtime/engine.hpp"
#include "storage/registry.hpp"
#include "vfslock/vfslock.h"

struct vfslock_record {
  vfslock::impl::Record record;
  std::string json;
};

struct vfslock_error {
  vfslock::impl::Error error;
  std::optional<vfslock_record> record;
};

struct vfslock_report {
  std::string uri;
  std::string id;
  std::string reason;
  std::string json;
  std::int32_t state = 0;
  std::int32_t guarantee = VFSLOCK_GUARANTEE_NONE;
  std::optional<vfslock_record> record;
};

// Calls hold the inner object, so that the handle may be freed while they use it.
struct vfslock_cancel {
  std::shared_ptr<vfslock::impl::Cancel> inner;
};

struct vfslock_key {
  enum class Scope { client, options };
  const char *name;
  Scope scope;
  const char *environment;  // "" where no variable sets it
  const char *type;
  const char *built_in;
  const char *range;
  const char *text;
};

namespace vfslock::impl {
// A client from its first use on. Calls hold it, so that the client may be freed while they use it.
struct ClientInUse {
  ClientInUse(Settings settings, std::map<std::string, std::string> from, std::shared_ptr<Telemetry> to)
      : storages(std::move(settings)), sources(std::move(from)), telemetry(std::move(to)) {}
  Engine engine;
  Storages storages;
  std::map<std::string, std::string> sources;  // of the settings that are not as built in, for people
  const std::shared_ptr<Telemetry> telemetry;   // null where nobody listens
};
}  // namespace vfslock::impl

struct vfslock_client {
  vfslock::impl::Settings set;                              // by vfslock_client_set
  vfslock::impl::UserHandler on_log = {};                   // these too: set before the first use
  vfslock::impl::UserHandler on_metric = {};
  std::shared_ptr<vfslock::impl::ClientInUse> in_use = {};  // guarded by process_mutex()
};

struct vfslock_options {
  vfslock::impl::Options core;
  bool ttl_set = false;  // else a resumed lock keeps its own
  bool create_parents = false;
  vfslock::impl::UserHandler on_stale;
  vfslock::impl::UserHandler on_waiting;
  vfslock::impl::UserHandler on_at_risk;
  vfslock::impl::UserHandler on_lost;
  std::optional<vfslock::impl::Error> spoiled;  // why a setter failed; the first one counts
};

// What a handler is shown. It lives on the caller's stack and owns nothing.
struct vfslock_event {
  const char *kind;
  const char *uri;
  vfslock_lock *lock = nullptr;
  const vfslock_report *report = nullptr;
  const vfslock_error *error = nullptr;
  struct Number {
    const char *name;
    std::int64_t value;
  };
  struct Text {
    const char *name;
    const char *value;
  };
  Number numbers[4] = {};  // up to the first without a name
  Text texts[4] = {};
};

struct vfslock_lock final : vfslock::impl::Listener {
  std::shared_ptr<vfslock::impl::Lock> inner;
  // What never changes of the record.
  struct Granted {
    std::string id;
    std::int64_t token = 0;
    bool keep = false;
    bool detached = false;
  } granted;
  std::string uri;
  vfslock::impl::UserHandler on_at_risk;
  vfslock::impl::UserHandler on_lost;
  std::shared_ptr<vfslock::impl::Telemetry> telemetry = {};
  std::optional<vfslock::impl::Lock::Patience> closing = {};  // how long close may take to release

  bool listens() const noexcept override { return on_at_risk || on_lost || telemetry; }
  void held(std::shared_ptr<vfslock::impl::Lock> lock) override;
  void at_risk(vfslock::impl::Error cause, vfslock::impl::Duration left) noexcept override;
  void lost(vfslock::impl::Error error, vfslock::impl::Loss reason) noexcept override;

 private:
  void warn(const char *what, const vfslock::impl::Error &error) noexcept;  // to the client's log
};
