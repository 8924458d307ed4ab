#pragma once
// The one lock object, and the only place where it changes: atomically, on a condition, watched by the oracle.
#include <optional>
#include <set>
#include <string>

#include "hint.hpp"
#include "lock/record.hpp"
#include "node.hpp"
#include "oracle.hpp"
#include "seam/store.hpp"

namespace vfslock::sim {

struct Object {
  std::string bytes;
  impl::Version version;
  std::optional<impl::Record> record;  // nullopt: cannot be read
  impl::WallTime modified;
  std::uint64_t tenure = 0;  // local: whose proof of life the object carries
  bool tenure_ended = false;  // at the moment of its replacement
  bool created = false;      // put where nothing was
};

// Who changes the object. Nobody (`node` null): another program, or the operator.
struct Author {
  std::string who;
  Node *node = nullptr;
  std::uint64_t request = 0;
};

class Server {
 public:
  Server(Loop &loop, const Plan &plan, Oracle &oracle) : hints{loop}, loop_(loop), plan_(plan), oracle_(oracle) {}

  const std::optional<Object> &object() const { return object_; }
  bool meets(const impl::Condition &condition) const;
  impl::Look look() const;

  // The condition must hold.
  impl::Version put(const Author &author, std::string bytes, std::uint64_t tenure = 0);
  void remove(const Author &author);

  // Proof of life on a local disk: a kernel lock that ends with its process.
  std::uint64_t begin_tenure();
  void end_tenure(std::uint64_t tenure);
  bool lives(std::uint64_t tenure) const { return alive_.count(tenure) != 0; }

  Hints hints;
  std::uint64_t requests = 0;  // numbers all writes of the run

 private:
  impl::Version version_of(const std::string &bytes);

  Loop &loop_;
  const Plan &plan_;
  Oracle &oracle_;
  std::optional<Object> object_;
  std::uint64_t versions_ = 0;
  std::uint64_t tenures_ = 0;
  std::set<std::uint64_t> alive_;
};

// "held seq 3 token 17 lease 2.0 lock 9f0c write 0b7e", for the trace.
std::string brief(const std::string &bytes);
std::string brief(const impl::Version &version);

}  // namespace vfslock::sim
