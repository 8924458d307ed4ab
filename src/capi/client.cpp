#include "capi/client.hpp"

#include <cstdlib>

#include "capi/arguments.hpp"
#include "capi/guard.hpp"
#include "capi/keys.hpp"
#include "runtime/ambient.hpp"
#include "storage/registry.hpp"

namespace vfslock::impl {

vfslock_client &client_arg(vfslock_client *client) {
  static auto *const process_default = new vfslock_client;  // never destroyed: its locks may outlive static objects
  return client ? *client : *process_default;
}

Result<std::shared_ptr<const Settings>> settings_in_use(vfslock_client &client) {
  auto fresh = std::make_shared<Settings>();
  {
    const std::lock_guard locked(process_mutex());
    if (client.in_use) return client.in_use;
    *fresh = client.set;
  }
  for (const vfslock_key *key = vfslock_key_next(nullptr); key; key = vfslock_key_next(key)) {
    const char *value = *key->environment ? secure_getenv(key->environment) : nullptr;
    if (!value || !*value) continue;
    if (auto checked = check_settings({{key->name, value}}); !checked) {
      Error error = checked.error();
      error.message = std::string("the environment variable ") + key->environment + ": " + error.message;
      return error;
    }
    fresh->emplace(key->name, value);  // what the program set goes first
  }
  const std::lock_guard locked(process_mutex());
  if (!client.in_use) client.in_use = std::move(fresh);
  return client.in_use;
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

void vfslock_client_free(vfslock_client *client) { delete client; }
