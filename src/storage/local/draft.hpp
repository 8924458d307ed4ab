#pragma once
// A new record's file before it has the lock's name: locked and complete before anybody can see it.
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "storage/local/descriptor.hpp"
#include "storage/local/directory.hpp"

namespace vfslock::impl::local {

// ".vfslock." and hexadecimal digits, nothing else.
bool is_temporary(std::string_view name);

std::string random_temporary();
// Unique while the guard of that inode is held, and short: the longest legal lock name works too. A name derived from
// the lock's could belong to two thieves at once.
std::string temporary_of(ino_t inode);

class Draft {
 public:
  Draft(const Directory &directory, LockFile &file) : directory_(directory), file_(file) {}
  ~Draft();  // removes a temporary name that is still its own
  Draft(const Draft &) = delete;
  Draft &operator=(const Draft &) = delete;

  // Makes the file and locks both bytes: without a name where that can be had, else as `temporary` (a random one if
  // there is none), of which what a crash left is removed first.
  Result<Done> open(std::string temporary = {});

  enum class Published { landed, exists, again };
  // Gives it the name if nothing has it. `again`: a file without a name cannot be named here; open another draft.
  Result<Published> publish(const std::string &key);

  // Puts it in the place of what has the name. 0 or errno.
  int link_temporary(std::string temporary);
  int replace(const std::string &key);

  bool is_named() const { return !name_.empty(); }
  const std::string &name() const { return name_; }

 private:
  Result<Done> prepare();
  int link(const std::string &name);

  const Directory &directory_;
  LockFile &file_;
  std::string name_;
};

// Removes what creators that died left in the directory, where files had to be made with a name: older than a minute
// and with nobody living in them.
void remove_dead_drafts(const Directory &directory);

}  // namespace vfslock::impl::local
