#include "capi/arguments.hpp"
#include "capi/client.hpp"
#include "capi/deciders.hpp"
#include "capi/objects.hpp"

using namespace vfslock::impl;

namespace {

Result<Done> acquire_lock(vfslock_client &client, const char *uri, const vfslock_options *options, const Wait &wait,
                          vfslock_lock *&out, Site &site) {
  if (options && options->spoiled) return *options->spoiled;
  auto used = in_use(client);
  if (!used) return used.error();
  auto target = open_target(**used, uri, site);
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
