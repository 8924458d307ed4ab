#pragma once
// libcurl, loaded when a network storage is first used: it brings some thirty libraries along, and loading these takes
// longer than starting a program and locking a file on its disk.
#include <curl/curl.h>

namespace vfslock::impl::net {

struct Curl {
#define VFSLOCK_CURL_FUNCTIONS(FUNCTION)                                                                           \
  FUNCTION(global_init)                                                                                            \
  FUNCTION(easy_init) FUNCTION(easy_cleanup) FUNCTION(easy_reset) FUNCTION(easy_setopt) FUNCTION(easy_getinfo)     \
  FUNCTION(easy_strerror)                                                                                          \
  FUNCTION(multi_init) FUNCTION(multi_cleanup) FUNCTION(multi_setopt) FUNCTION(multi_add_handle)                   \
  FUNCTION(multi_remove_handle) FUNCTION(multi_perform) FUNCTION(multi_poll) FUNCTION(multi_wakeup)                \
  FUNCTION(multi_info_read)                                                                                        \
  FUNCTION(slist_append) FUNCTION(slist_free_all)                                                                  \
  FUNCTION(url) FUNCTION(url_cleanup) FUNCTION(url_get) FUNCTION(url_set)                                          \
  FUNCTION(free) FUNCTION(getdate)
#define VFSLOCK_CURL_POINTER(name) decltype(&::curl_##name) name;
  VFSLOCK_CURL_FUNCTIONS(VFSLOCK_CURL_POINTER)
#undef VFSLOCK_CURL_POINTER
};

// Any thread. Loaded and initialised once, and never undone: the program may use libcurl too. Throws a Failure where it
// cannot be loaded; it is tried again by the next call.
const Curl &curl();

}  // namespace vfslock::impl::net
