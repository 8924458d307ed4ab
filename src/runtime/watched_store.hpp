#pragma once
// A store whose requests are told to somebody: what a client's log and metric handlers hear of.
#include <memory>
#include <string>

#include "seam/store.hpp"

namespace vfslock::impl {

enum class Severity { debug, info, warning };

// One thing that was done: a request to a storage, or a whole operation.
struct Happening {
  Severity severity = Severity::debug;
  std::string operation;  // "request", or the function's name without its prefix
  std::string uri;
  std::string message;
  Status status = Status::OK;
  Duration took{};
};

class Watcher {
 public:
  virtual ~Watcher() = default;

  // Any thread; does not block. `make` gives the happening. Where there is no memory for it, it counts as dropped: what is
  // told of must not fail for it (F34).
  template <class Make>
  void tell(Make make) noexcept {
    try {
      note(make());
    } catch (...) {
      drop();
    }
  }

 protected:
  virtual void note(Happening happening) = 0;
  virtual void drop() noexcept = 0;
};

std::shared_ptr<Store> watched(std::shared_ptr<Store> store, std::string uri, std::shared_ptr<Watcher> watcher);

}  // namespace vfslock::impl
