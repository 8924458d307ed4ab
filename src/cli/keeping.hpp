#pragma once
// What the library tells of a lock while the command runs. Its handlers run on threads of the library; the main loop
// hears of them by the bell.
#include <condition_variable>
#include <mutex>
#include <string>

#include <vfslock/vfslock.h>

#include "cli/bell.hpp"
#include "cli/console.hpp"

namespace vfslock::cli {

class Keeping {
 public:
  Keeping(const std::string &uri, Console &console) : uri_(uri), console_(console) {}

  void listen(vfslock_options *options);

  Bell &bell() { return bell_; }
  bool lost();
  std::string loss();  // why, once it is lost

  // The lost handler waits for this: until it returns, the proof of life stays locked, and nobody may enter whom a
  // dead holder would let in (RELIABILITY §4.3).
  void command_is_gone();

 private:
  void at_risk(const vfslock_event *event);
  void lose(const vfslock_event *event);

  const std::string &uri_;
  Console &console_;
  Bell bell_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool lost_ = false, gone_ = false;
  std::string loss_;
};

}  // namespace vfslock::cli
