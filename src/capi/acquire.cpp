#include "capi/arguments.hpp"
#include "capi/client.hpp"
#include "capi/deciders.hpp"
#include "capi/objects.hpp"
#include "storage/registry.hpp"

using namespace vfslock::impl;

namespace {

constexpr Duration longest_request = std::chrono::seconds(10);  // R11

Result<Target> open_target(vfslock_client &client, const char *uri, Site &site) {
  auto location = parse_location(text_arg(uri, "uri"));
  if (!location) return location.error();
  site.text = to_uri(*location);
  site.uri = site.text;
  auto settings = settings_in_use(client);
  if (!settings) return settings.error();
  auto place = open_place(*location, **settings);
  if (!place) return place.error();
  return target_of(std::move(place->store), std::move(place->key));
}

Result<Done> acquire_lock(vfslock_client &client, const char *uri, const vfslock_options *options, const Wait &wait,
                          vfslock_lock *&out, Site &site) {
  if (options && options->spoiled) return *options->spoiled;
  auto target = open_target(client, uri, site);
  if (!target) return target.error();

  // All that needs memory is made before the lock is had: then nothing can fail that would have to give it back.
  auto handle = std::make_unique<vfslock_lock>();
  handle->uri = site.text;
  if (options) {
    handle->on_at_risk = options->on_at_risk;
    handle->on_lost = options->on_lost;
  }
  Deciders deciders(options, site.text, *target->store, {target->clock->now() + longest_request, wait.cancel});
  const auto taken = acquire(client.engine, *target, options ? options->core : Options{}, deciders, *handle, wait);
  if (!taken) return taken.error();
  out = handle.release();
  return Done{};
}

}  // namespace

vfslock_status vfslock_acquire(vfslock_client *client, const char *uri, const vfslock_options *options, std::int64_t wait_ms,
                               vfslock_cancel *cancel, vfslock_lock **ret_lock, vfslock_error **ret_err) {
  return guard("acquire", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_lock *&out = given(ret_lock, "ret_lock");
    const auto held = cancel_arg(cancel);
    const Wait wait = wait_arg(wait_ms, held.get());
    refuse_while_deciding("vfslock_acquire");
    return acquire_lock(client_arg(client), uri, options, wait, out, site);
  });
}

vfslock_status vfslock_inspect(vfslock_client *client, const char *uri, std::int64_t timeout_ms, vfslock_cancel *cancel,
                               vfslock_report **ret_report, vfslock_error **ret_err) {
  return guard("inspect", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_report *&out = given(ret_report, "ret_report");
    const auto held = cancel_arg(cancel);
    const Duration time = timeout_arg(timeout_ms).value_or(longest_request);
    refuse_while_deciding("vfslock_inspect");
    auto target = open_target(client_arg(client), uri, site);
    if (!target) return target.error();
    auto seen = inspect(*target, {saturating_add(target->clock->now(), time), held.get()});
    if (!seen) return seen.error();
    out = report_of(site.text, seen->judgement, seen->guarantee).release();
    return Done{};
  });
}
