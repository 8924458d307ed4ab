#include "net/mutex.hpp"

#include "base/fork.hpp"

namespace vfslock::impl::net {

std::mutex &mutex() {
  static auto *one = [] {
    on_fork([]() noexcept { mutex().lock(); }, []() noexcept { mutex().unlock(); },
            []() noexcept { mutex().unlock(); });
    return new std::mutex;
  }();
  return *one;
}

// Made at load, while there is one thread.
[[maybe_unused]] static const std::mutex &made = mutex();

}  // namespace vfslock::impl::net
