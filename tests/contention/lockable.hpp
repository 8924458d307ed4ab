#pragma once
// The lock under test, as a contender sees it. The broken ones are there to show that the oracles see, flock(2) to show
// that they see nothing where nothing is wrong.
#include <cstdint>
#include <memory>
#include <string>

namespace contention {

enum class Granted {
  yes,
  late,  // granted, but the process was stopped until the lease was over: given back
  no,
};

class Lockable {
 public:
  virtual ~Lockable() = default;
  virtual Granted acquire(std::int64_t wait_ms, std::string &why) = 0;  // why: what went wrong
  virtual std::int64_t token() = 0;
  virtual bool is_held() = 0;
  virtual std::int64_t remaining_ms() = 0;
  virtual std::int32_t release() = 0;  // a status of the library; lost tenures are let go too
};

struct LockKind {
  std::string uri;
  bool keep = false;
  std::int64_t ttl_ms = 30'000;
  bool renewal = true;
};

std::unique_ptr<Lockable> real_lock(const LockKind &kind);

// none: no lock at all.  apart: each contender has a lock of its own.
// believer: the real one, but its holder believes for ever.
std::unique_ptr<Lockable> make_lock(const std::string &name, LockKind kind, std::uint32_t slot);

}  // namespace contention
