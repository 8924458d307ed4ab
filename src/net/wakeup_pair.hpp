#pragma once
#include "net/curl.hpp"

namespace vfslock::impl::net {

// Makes a multi handle whose two descriptors, by which other threads could wake it, are not inherited by programs that
// are started: libcurl before 8.10 leaves them open there. Throws bad_alloc.
CURLM *new_multi();

}  // namespace vfslock::impl::net
