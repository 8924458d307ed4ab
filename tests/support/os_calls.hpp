#pragma once
// Puts a hook before each system call of local storage: to see the calls, to stop or kill the process at one of them,
// or to make one fail.
#include <cerrno>
#include <functional>
#include <string>
#include <string_view>

#include <signal.h>

#include "storage/local/os.hpp"

namespace vfslock::impl::test {

// Called with the name of the call that comes; an errno makes it fail with that, 0 lets it happen.
inline std::function<int(std::string_view call)> before_call;

template <auto Member>
struct Hooked;
template <class R, class... A, R (*local::Os::*Member)(A...)>
struct Hooked<Member> {
  static inline const char *name = "";
  static R call(A... args) {
    if (before_call)
      if (const int error_number = before_call(name)) {
        errno = error_number;
        return static_cast<R>(-1);
      }
    return (local::real_os.*Member)(args...);
  }
};

// While it exists all calls pass the hook.
class OsCalls {
 public:
  explicit OsCalls(std::function<int(std::string_view call)> hook) {
    before_call = std::move(hook);
#define HOOK(member)                             \
  Hooked<&local::Os::member>::name = #member;    \
  local::os.member = Hooked<&local::Os::member>::call
    HOOK(openat);
    HOOK(close);
    HOOK(duplicate);
    HOOK(lock);
    HOOK(fstat);
    HOOK(fstatat);
    HOOK(fstatfs);
    HOOK(pread);
    HOOK(pwrite);
    HOOK(linkat);
    HOOK(renameat);
    HOOK(renameat2);
    HOOK(unlinkat);
    HOOK(fchmod);
    HOOK(fchown);
    HOOK(futimens);
    HOOK(fsync);
    HOOK(ppoll);
    HOOK(eventfd);
    HOOK(inotify_init1);
    HOOK(inotify_add_watch);
    HOOK(inotify_rm_watch);
    HOOK(read);
#undef HOOK
  }
  ~OsCalls() {
    local::os = local::real_os;
    before_call = nullptr;
  }
  OsCalls(const OsCalls &) = delete;
  OsCalls &operator=(const OsCalls &) = delete;
};

// A hook that acts at the n-th call of a name (or of any name: ""), once.
inline std::function<int(std::string_view)> at_call(std::string name, int nth, std::function<int()> act) {
  return [name = std::move(name), nth, act = std::move(act)](std::string_view call) mutable {
    if (nth <= 0 || (!name.empty() && call != name) || --nth > 0) return 0;
    return act();
  };
}

inline std::function<int(std::string_view)> signal_at(std::string name, int nth, int signal) {
  return at_call(std::move(name), nth, [signal] {
    raise(signal);
    return 0;
  });
}

inline std::function<int(std::string_view)> fail_at(std::string name, int nth, int error_number) {
  return at_call(std::move(name), nth, [error_number] { return error_number; });
}

}  // namespace vfslock::impl::test
