// Looks without taking: inspect at the lock, probe at the storage too.
#include "capi/arguments.hpp"
#include "capi/client.hpp"
#include "capi/keys.hpp"
#include "capi/objects.hpp"
#include "lock/acquire.hpp"

namespace vfslock::impl {
namespace {

constexpr Duration longest_probe = std::chrono::seconds(60);  // some dozen requests, and races of eight

// Each setting with its source; secrets only as being set.
json::Value settings_json(const ClientInUse &client) {
  json::Value out = json::Value::array();
  for (const vfslock_key *key = vfslock_key_next(nullptr); key; key = vfslock_key_next(key)) {
    if (key->scope != vfslock_key::Scope::client) continue;
    const auto source = client.sources.find(key->name);
    const bool is_secret = std::string_view(key->type) == "secret", is_set = source != client.sources.end();
    const std::string value(setting_or(client.storages.settings(), key->name, key->built_in));
    json::Value one = json::Value::object();
    one.add("name", json::Value::of(key->name));
    one.add("value", json::Value::of(is_secret && is_set ? std::string("(set)") : value));
    one.add("source", json::Value::of(is_set ? source->second : std::string("built in")));
    out.items.push_back(std::move(one));
  }
  return out;
}

json::Value probe_json(const Examination &examination, const ClientInUse &client) {
  json::Value out = json::Value::object();
  for (const auto &[name, value] : examination.facts) out.add(name, json::Value::of(value));
  json::Value checks = json::Value::array();
  for (const Examination::Check &check : examination.checks) {
    json::Value one = json::Value::object();
    one.add("name", json::Value::of(check.name));
    one.add("good", json::Value::of(check.good));
    one.add("seen", json::Value::of(check.seen));
    checks.items.push_back(std::move(one));
  }
  out.add("checks", std::move(checks));
  out.add("conditional_remove", json::Value::of(examination.guarantee.conditional_remove));
  out.add("settings", settings_json(client));
  if (auto policy = json::parse(examination.policy)) out.add("policy", std::move(*policy));
  return out;
}

Result<Done> look(vfslock_client *client, const char *uri, Duration time, const Cancel *cancel, bool probe,
                  vfslock_report *&out, Site &site) {
  auto used = in_use(client_arg(client));
  if (!used) return used.error();
  auto target = open_target(**used, uri, site);
  if (!target) return target.error();
  const Call call{saturating_add(target->clock->now(), time), cancel};
  json::Value findings;
  if (probe) {
    auto examined = target->store->examine(target->key, call);
    if (!examined) return examined.error();
    findings = probe_json(*examined, **used);
  }
  auto seen = inspect(*target, call);
  if (!seen) return seen.error();
  out =
      report_of(site.text, seen->judgement, {seen->guarantee, target->store->clock_skew(), probe ? &findings : nullptr})
          .release();
  return Done{};
}

}  // namespace
}  // namespace vfslock::impl

using namespace vfslock::impl;

vfslock_status vfslock_inspect(vfslock_client *client, const char *uri, std::int64_t timeout_ms, vfslock_cancel *cancel,
                               vfslock_report **ret_report, vfslock_error **ret_err) {
  return guard("inspect", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_report *&out = given(ret_report, "ret_report");
    const auto held = cancel_arg(cancel);
    const Duration time = timeout_arg(timeout_ms).value_or(longest_request);
    refuse_while_deciding("vfslock_inspect");
    return look(client, uri, time, held.get(), false, out, site);
  });
}

vfslock_status vfslock_probe(vfslock_client *client, const char *uri, std::int64_t timeout_ms, vfslock_cancel *cancel,
                             vfslock_report **ret_report, vfslock_error **ret_err) {
  return guard("probe", ret_err, [&](Site &site) -> Result<Done> {
    vfslock_report *&out = given(ret_report, "ret_report");
    const auto held = cancel_arg(cancel);
    const Duration time = timeout_arg(timeout_ms).value_or(longest_probe);
    refuse_while_deciding("vfslock_probe");
    return look(client, uri, time, held.get(), true, out, site);
  });
}
