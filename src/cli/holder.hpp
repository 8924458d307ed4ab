#pragma once
// Who holds a lock, in words.
#include <string>

#include <vfslock/vfslock.h>

namespace vfslock::cli {

// "held by ingest-1 on web1 (PID 4711) since … (12 s ago) until … unless renewed". NULL: by somebody unknown.
std::string holder_text(const vfslock_record *record);

// The same for one line of a terminal, most important first.
std::string holder_short_text(const vfslock_record *record);

}  // namespace vfslock::cli
