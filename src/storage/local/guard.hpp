#pragma once
// Byte 1 of the record: one transition at a time.
#include "seam/store.hpp"
#include "storage/local/descriptor.hpp"
#include "storage/local/directory.hpp"

namespace vfslock::impl::local {

// Whether the descriptor's number may have become another file's while the guard was waited for (a tenure's).
enum class Recheck { no, descriptor };

// Polls for the guard until the call's deadline. LOST where the descriptor is not ours any more.
Result<Done> take_guard(const Directory &directory, const std::string &key, LockFile &file, short type,
                        const Call &call, Recheck recheck);

// An Error where the call has been cancelled or its time is over: no write starts then.
Result<Done> in_time(const Directory &directory, const std::string &key, const Call &call);

Error descriptor_gone(const Directory &directory, const std::string &key);

}  // namespace vfslock::impl::local
