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
  virtual void note(Happening happening) noexcept = 0;  // any thread; does not block
};

std::shared_ptr<Store> watched(std::shared_ptr<Store> store, std::string uri, std::shared_ptr<Watcher> watcher);

}  // namespace vfslock::impl
