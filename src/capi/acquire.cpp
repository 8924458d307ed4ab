#include "capi/arguments.hpp"
#include "capi/client.hpp"
#include "capi/deciders.hpp"
#include "capi/granting.hpp"

using namespace vfslock::impl;

vfslock_status vfslock_acquire(vfslock_client *client, const char *uri, const vfslock_options *options, std::int64_t wait_ms,
                               vfslock_cancel *cancel, vfslock_lock **ret_lock, vfslock_error **ret_err) {
  return guard("acquire", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_lock *&out = given(ret_lock, "ret_lock");
    const auto held = cancel_arg(cancel);
    const Wait wait = wait_arg(wait_ms, held.get());
    refuse_while_deciding("vfslock_acquire");
    return grant(client_arg(client), uri, options, out, site, [&](Granting &granting) {
      const Call look{granting.target.clock->now() + longest_request, wait.cancel};
      Deciders deciders(options, site.text, *granting.target.store, look);
      return acquire(granting.engine, granting.target, options ? options->core : Options{}, deciders, granting.listener, wait);
    });
  });
}
