#include "base/clock.hpp"
#include "capi/arguments.hpp"
#include "capi/client.hpp"
#include "capi/objects.hpp"
#include "lock/acquire.hpp"

using namespace vfslock::impl;

struct vfslock_list {
  std::shared_ptr<ClientInUse> client;
  std::string uri;
  std::mutex mutex;  // one call at a time
  std::unique_ptr<Listing> listing;
};

namespace {

Result<Done> next_report(vfslock_list &list, const Call &call, vfslock_report *&out) {
  for (;;) {
    auto found = list.listing->next(call);
    if (!found) return found.error();
    if (!*found) {
      out = nullptr;
      return Done{};
    }
    const std::string uri = to_uri((*found)->location);
    const Target target = target_in(*list.client, std::move((*found)->place), (*found)->location, uri);
    auto seen = inspect(target, call);
    if (!seen) {
      Error error = seen.error();
      error.uri = uri;
      return error;
    }
    if (seen->judgement.standing == Standing::free) continue;  // it was released meanwhile
    out = report_of(uri, seen->judgement, {seen->guarantee, target.store->clock_skew(), nullptr}).release();
    return Done{};
  }
}

}  // namespace

vfslock_status vfslock_list_new(vfslock_client *client, const char *prefix_uri, vfslock_list **ret_list, vfslock_error **ret_err) {
  return guard("list_new", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_list *&out = given(ret_list, "ret_list");
    auto used = in_use(client_arg(client));
    if (!used) return used.error();
    auto prefix = parse_location(text_arg(prefix_uri, "prefix_uri"));
    if (!prefix) return prefix.error();
    site.text = to_uri(*prefix);
    site.uri = site.text;
    auto listing = (*used)->storages.list(*prefix);
    if (!listing) return listing.error();
    out = new vfslock_list{std::move(*used), site.text, {}, std::move(*listing)};
    return Done{};
  });
}

vfslock_status vfslock_list_next(vfslock_list *list, std::int64_t timeout_ms, vfslock_cancel *cancel, vfslock_report **ret_report,
                                 vfslock_error **ret_err) {
  return guard("list_next", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_list &its = given(list, "list");
    vfslock_report *&out = given(ret_report, "ret_report");
    site.uri = its.uri;
    const auto held = cancel_arg(cancel);
    const Duration time = timeout_arg(timeout_ms).value_or(longest_request);
    refuse_while_deciding("vfslock_list_next");
    const std::lock_guard locked(its.mutex);
    return next_report(its, {saturating_add(boot_now(), time), held.get()}, out);
  });
}

void vfslock_list_free(vfslock_list *list) { delete list; }
