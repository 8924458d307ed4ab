#pragma once
// Waiting for a change of a record: inotify on its inode (RELIABILITY §4.3, "wait").
#include <memory>
#include <string>

#include "seam/clock.hpp"
#include "storage/local/directory.hpp"

namespace vfslock::impl::local {

// Makes or refreshes a hint for what has the name now; null where there is nothing, or no inotify to be had.
void watch(const Directory &directory, const std::string &key, std::unique_ptr<Wakeup> &hint);

}  // namespace vfslock::impl::local
