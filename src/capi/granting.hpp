#pragma once
// How a call that ends in a lock makes its handle: acquire, resume.
#include "base/clock.hpp"
#include "capi/client.hpp"
#include "capi/handles.hpp"

namespace vfslock::impl {

// An operation's outcome, told to the client's log and metric handlers where it has any.
class Noted {
 public:
  Noted(ClientInUse &client, const Site &site) : Noted(client.telemetry, site.operation, site.uri) {}
  Noted(std::shared_ptr<Telemetry> telemetry, const char *operation, std::string_view uri)
      : telemetry_(std::move(telemetry)), operation_(operation), uri_(uri), began_(telemetry_ ? boot_now() : BootTime{}) {}

  template <class T>
  Result<T> result(Result<T> outcome) const {
    if (!telemetry_) return outcome;
    const Duration took = boot_now() - began_;
    telemetry_->tell([&] {
      return Happening{Severity::info, operation_, std::string(uri_), outcome ? "done" : outcome.error().message,
                       outcome ? Status::OK : outcome.error().status, took};
    });
    return outcome;
  }

 private:
  const std::shared_ptr<Telemetry> telemetry_;
  const char *const operation_;
  const std::string_view uri_;
  const BootTime began_;
};

struct Granting {
  Engine &engine;
  const Target &target;
  Listener &listener;
};

// All that needs memory is made before the lock is had: then nothing can fail that would have to give it back.
template <class Take>
Result<Done> grant(vfslock_client &client, const char *uri, const vfslock_options *options, vfslock_lock *&out, Site &site,
                   Take take) {
  if (options && options->spoiled) return *options->spoiled;
  auto used = in_use(client);
  if (!used) return used.error();
  auto target = open_target(**used, uri, site, {options && options->create_parents});
  if (!target) return target.error();
  auto handle = std::make_unique<vfslock_lock>();
  handle->uri = site.text;
  handle->telemetry = (*used)->telemetry;
  if (options) {
    handle->on_at_risk = options->on_at_risk;
    handle->on_lost = options->on_lost;
  }
  Granting granting{(*used)->engine, *target, *handle};
  const Noted noted(**used, site);
  const auto taken = noted.result(take(granting));
  if (!taken) return taken.error();
  out = handle.release();
  return Done{};
}

}  // namespace vfslock::impl
