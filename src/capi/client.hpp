#pragma once
#include <memory>

#include "capi/handles.hpp"

namespace vfslock::impl {

vfslock_client &client_arg(vfslock_client *client);  // NULL: the process's default client

// From here on the client cannot be changed. Reads the environment once.
Result<std::shared_ptr<const Settings>> settings_in_use(vfslock_client &client);

}  // namespace vfslock::impl
