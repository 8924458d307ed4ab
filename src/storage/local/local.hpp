#pragma once
// Locks on local disks: the lock of /dir/file is the record /dir/file.lock, with kernel locks on its inode
// (RELIABILITY §4.3). Only for file systems of this host alone; others are refused by name.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/uri.hpp"
#include "storage/registry.hpp"

namespace vfslock::impl {

// file.layout: `automatic` chooses by the file system; `rename` is for disks that are local here and shared there.
enum class LocalLayout { automatic, rename };

struct LocalSettings {
  std::optional<mode_t> mode = {};  // file.mode; else 0600, and 0660 in a setgid, group-writable directory
  bool allow_sticky = false;        // file.allow_sticky: directories like /tmp, where anyone may hold the lock up
  bool durable = false;             // file.durable: each change is on the disk before it counts
  LocalLayout layout = LocalLayout::automatic;
  bool create_parents = false;      // of this opening: directories that are missing are made
};

Result<LocalSettings> local_settings(const Settings &settings);

// Opens the directory of the file's lock and keeps it open: the lock stays where it was taken, whatever its path
// names afterwards. A relative path is resolved now. The pattern makes the lock's name from the file's: "{name}.lock".
Result<Place> open_local(const Location &location, std::string_view lock_name_pattern,
                         const LocalSettings &settings = {});

// The locks in the directory that the prefix names, and below it.
std::unique_ptr<Listing> list_local(const Location &prefix, std::string pattern, const LocalSettings &settings);

}  // namespace vfslock::impl
