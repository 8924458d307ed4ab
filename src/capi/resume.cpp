// What is done to a lock that another process, or nobody any more, has a handle of: resume and break.
#include "capi/arguments.hpp"
#include "capi/client.hpp"
#include "capi/granting.hpp"
#include "lock/acquire.hpp"

using namespace vfslock::impl;

vfslock_status vfslock_resume(vfslock_client *client, const char *uri, const char *lock_id, const vfslock_options *options,
                              std::int64_t timeout_ms, vfslock_cancel *cancel, vfslock_lock **ret_lock, vfslock_error **ret_err) {
  return guard("resume", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_lock *&out = given(ret_lock, "ret_lock");
    const auto held = cancel_arg(cancel);
    const Duration time = timeout_arg(timeout_ms).value_or(longest_request);
    refuse_while_deciding("vfslock_resume");
    return grant(client_arg(client), uri, options, out, site, [&](Granting &granting) {
      Resumption wish{std::string(text_arg(lock_id, "lock_id")), std::nullopt, true};
      if (options && options->ttl_set) wish.lease = options->core.lease;
      if (options) wish.renewal = options->core.renewal;
      const Call call{saturating_add(granting.target.clock->now(), time), held.get()};
      return resume(granting.engine, granting.target, wish, granting.listener, call);
    });
  });
}

vfslock_status vfslock_break_lock(vfslock_client *client, const char *uri, const char *id, std::int64_t timeout_ms,
                                  vfslock_cancel *cancel, vfslock_error **ret_err) {
  return guard("break_lock", ret_err, [&](Site &site) -> Result<Done> {
    const std::string wanted(text_arg(id, "id"));
    const auto held = cancel_arg(cancel);
    const Duration time = timeout_arg(timeout_ms).value_or(longest_request);
    refuse_while_deciding("vfslock_break_lock");
    auto used = in_use(client_arg(client));
    if (!used) return used.error();
    auto target = open_target(**used, uri, site);
    if (!target) return target.error();
    const Noted noted(**used, site);
    return noted.result(break_lock(*target, wanted, {saturating_add(target->clock->now(), time), held.get()}));
  });
}
