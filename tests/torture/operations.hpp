#pragma once
// What is killed and stopped at each of its system calls: one operation on a lock, by a process of its own.
#include <cstdint>
#include <string>
#include <vector>

#include "support.hpp"

namespace vfslock::torture {

// The lock as others have left it before the operation.
struct Scene {
  explicit Scene(const std::string &base) : folder(base), uri(folder.at("x")), record(folder.at("x.lock")) {}
  ~Scene() { vfslock_lock_free(other); }

  impl::test::Folder folder;
  std::string uri, record;
  vfslock_lock *other = nullptr;
  std::int64_t token = 0;
};

// The process that acts.
struct Actor {
  std::string uri;
  vfslock_options *options;
  vfslock_lock *lock = nullptr;
  std::string id;
};

enum class Kind { takes, keeps, ends };

struct Operation {
  const char *name;
  Kind kind;
  long least;  // system calls, or the test has seen nothing
  void (*scene)(Scene &, bool kept);
  void (*before)(Actor &);
  vfslock_status (*act)(Actor &);
  bool kept = false;      // the record stays when it is released
  bool detached = false;  // no death frees it
  bool renewed = false;   // by the library's own threads
  bool steals = false;    // from somebody who lives
  bool by_threads() const { return renewed && kind == Kind::keeps; }
};

extern const std::vector<Operation> operations;

// Acts, marks what it does, and dies with what it holds. mark_done tells the status, mark_end belief and token.
[[noreturn]] void act(const Operation &operation, const std::string &uri, std::int64_t ttl_ms);

}  // namespace vfslock::torture
