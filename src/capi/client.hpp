#pragma once
#include <memory>

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace vfslock::impl {

vfslock_client &client_arg(vfslock_client *client);  // NULL: the process's default client

// From here on the client cannot be changed. Reads the environment once.
Result<std::shared_ptr<ClientInUse>> in_use(vfslock_client &client);

constexpr Duration longest_request = std::chrono::seconds(10);  // R11

// The lock of `uri`, and the URI's canonical spelling for messages.
Result<Target> open_target(ClientInUse &client, const char *uri, Site &site, const Opening &opening = {});
Target target_in(ClientInUse &client, Place place, const Location &location, const std::string &uri);

}  // namespace vfslock::impl
