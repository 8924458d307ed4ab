#pragma once
// From the path of a file to the directory and the name of its lock (DESIGN §1's table).
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl::local {

struct Target {
  std::string directory;  // as given: resolved once, when it is opened
  std::string key;        // the lock's name in it
};

Result<Target> find_target(const std::string &path, std::string_view lock_name_pattern);

// A key is one name: anything else would be another place than this directory, or another name than was asked for.
Result<Done> check_key(const std::string &key);

}  // namespace vfslock::impl::local
