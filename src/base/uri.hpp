#pragma once
// One reading of URIs and paths for every storage and language (DESIGN §1).
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vfslock::impl {

struct Location {
  std::string scheme;     // lower case; "file" for plain paths too
  std::string authority;  // bucket, memory's name, user@host:port; as written (its storage knows its grammar)
  std::string path;       // decoded bytes: "" or with the leading slash; a plain path as it is, perhaps relative
  std::string text;       // as the caller wrote it, for messages
};

// A URI is percent-decoded once; what has no `scheme://` is a path, byte for byte. INVALID_URI says what is wrong
// and what to write instead, and never repeats a password.
Result<Location> parse_location(std::string_view text);

// The one canonical spelling. A path stays as it is that is relative, since only the storage knows to what, or that has
// a '..', which no file URI may have.
std::string to_uri(const Location &location);

// Adds a byte percent-encoded, as in %E9.
void append_escape(std::string &out, char byte);

}  // namespace vfslock::impl
