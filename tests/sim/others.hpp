#pragma once
// Who else touches the lock object: another program's records, and the operator who breaks what nothing else can end.
#include "user.hpp"

namespace vfslock::sim {

class Others {
 public:
  explicit Others(Stage &stage) : stage_(stage) {}

  void put_foreign();  // where nothing is; its program removes it in time, late, or never
  void heal();         // its program comes back and removes what it left
  void operate();      // from now on, looks every other second for records without a TTL that nobody has any more

 private:
  void remove_foreign();
  void break_endless();

  Stage &stage_;
  std::uint64_t written_ = 0;
  impl::Version left_;
};

}  // namespace vfslock::sim
