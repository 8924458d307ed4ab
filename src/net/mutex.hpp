#pragma once
#include <mutex>

namespace vfslock::impl::net {

// Guards what network storages keep in memory; held for moments only, never during a request. A forked child finds it
// free.
std::mutex &mutex();

}  // namespace vfslock::impl::net
