#include "net/mutex.hpp"

#include "base/fork.hpp"

namespace vfslock::impl::net {

std::mutex &mutex() { return fork_safe_mutex<struct Network>(); }

// Made at load, while there is one thread.
[[maybe_unused]] static const std::mutex &made = mutex();

}  // namespace vfslock::impl::net
