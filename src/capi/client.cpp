#include "capi/client.hpp"

#include <cstdlib>

#include "capi/arguments.hpp"
#include "capi/guard.hpp"
#include "capi/keys.hpp"
#include "runtime/ambient.hpp"
#include "runtime/kept_observations.hpp"
#include "storage/registry.hpp"

namespace vfslock::impl {

vfslock_client &client_arg(vfslock_client *client) {
  static auto *const process_default = new vfslock_client;  // never destroyed: its locks may outlive static objects
  return client ? *client : *process_default;
}

Result<std::shared_ptr<ClientInUse>> in_use(vfslock_client &client) {
  Settings settings;
  std::map<std::string, std::string> sources;
  UserHandler on_log, on_metric;
  {
    const std::lock_guard locked(process_mutex());
    if (client.in_use) return client.in_use;
    settings = client.set;
    on_log = client.on_log;
    on_metric = client.on_metric;
  }
  for (const auto &[key, value] : settings) sources.emplace(key, "set by the program");
  for (const vfslock_key *key = vfslock_key_next(nullptr); key; key = vfslock_key_next(key)) {
    const char *value = *key->environment ? secure_getenv(key->environment) : nullptr;
    if (!value || !*value) continue;
    const std::string source = std::string("the environment variable ") + key->environment;
    if (auto checked = check_settings({{key->name, value}}); !checked) {
      Error error = checked.error();
      error.message = source + ": " + error.message;
      return error;
    }
    if (settings.emplace(key->name, value).second) sources.emplace(key->name, source);  // the program goes first
  }
  std::shared_ptr<Telemetry> telemetry;
  if (on_log || on_metric) telemetry = std::make_shared<Telemetry>(std::move(on_log), std::move(on_metric));
  auto fresh = std::make_shared<ClientInUse>(std::move(settings), std::move(sources), std::move(telemetry));
  const std::lock_guard locked(process_mutex());
  if (!client.in_use) client.in_use = std::move(fresh);
  return client.in_use;
}

Target target_in(ClientInUse &client, Place place, const Location &location, const std::string &uri) {
  std::shared_ptr<Store> store = std::move(place.store);
  if (client.telemetry) store = watched(std::move(store), uri, client.telemetry);
  Target target = target_of(std::move(store), std::move(place.key));
  // What one process saw of its own memory means nothing to another.
  const std::string_view folder = setting_or(client.storages.settings(), "state_dir", "");
  if (!folder.empty() && location.scheme != "mem") target.observations = &observations_in(std::string(folder));
  return target;
}

Result<Target> open_target(ClientInUse &client, const char *uri, Site &site, const Opening &opening) {
  auto location = parse_location(text_arg(uri, "uri"));
  if (!location) return location.error();
  site.text = to_uri(*location);
  site.uri = site.text;
  auto place = client.storages.open(*location, opening);
  if (!place) return place.error();
  return target_in(client, std::move(*place), *location, site.text);
}

}  // namespace vfslock::impl

using namespace vfslock::impl;

vfslock_status vfslock_client_new(vfslock_client **ret_client, vfslock_error **ret_err) {
  return guard("client_new", ret_err, [&](Site &) -> Result<Done> {
    vfslock_client *&out = given(ret_client, "ret_client");
    out = new vfslock_client;
    return Done{};
  });
}

vfslock_status vfslock_client_set(vfslock_client *client, const char *key, const char *value, vfslock_error **ret_err) {
  return guard("client_set", ret_err, [&](Site &) -> Result<Done> {
    if (!client) refuse("client must not be NULL: the default client is configured by the environment only");
    const std::string name(text_arg(key, "key"));
    std::string text(text_arg(value, "value"));
    key_named(name, vfslock_key::Scope::client);
    if (auto checked = check_settings({{name, text}}); !checked) return checked.error();
    Settings changed = {{name, std::move(text)}};
    const std::lock_guard locked(process_mutex());
    if (client->in_use)
      return Error{Status::INVALID_ARGUMENT, "the client has been used: set its keys before its first use"};
    changed.merge(client->set);
    client->set.swap(changed);
    return Done{};
  });
}

namespace {

vfslock_status listen(const char *operation, vfslock_client *client, UserHandler vfslock_client::*which, vfslock_handler handler,
                      void *user_data, vfslock_destroy destroy, vfslock_error **ret_err) noexcept {
  return guard(operation, ret_err, [&](Site &) -> Result<Done> {
    UserHandler fresh(handler, user_data, destroy);  // first: whatever fails below, it calls destroy
    if (!client) refuse("client must not be NULL: the default client tells nobody");
    const std::lock_guard locked(process_mutex());
    if (client->in_use)
      return Error{Status::INVALID_ARGUMENT, "the client has been used: set its handlers before its first use"};
    std::swap(client->*which, fresh);
    return Done{};
  });
}

}  // namespace

vfslock_status vfslock_client_on_log(vfslock_client *client, vfslock_handler handler, void *user_data, vfslock_destroy destroy,
                                     vfslock_error **ret_err) {
  return listen("client_on_log", client, &vfslock_client::on_log, handler, user_data, destroy, ret_err);
}

vfslock_status vfslock_client_on_metric(vfslock_client *client, vfslock_handler handler, void *user_data, vfslock_destroy destroy,
                                        vfslock_error **ret_err) {
  return listen("client_on_metric", client, &vfslock_client::on_metric, handler, user_data, destroy, ret_err);
}

void vfslock_client_free(vfslock_client *client) {
  if (client && client->in_use && client->in_use->telemetry) client->in_use->telemetry->close();
  delete client;
}
