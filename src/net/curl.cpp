#include "net/curl.hpp"

#include <string>

#include <dlfcn.h>

#include "base/result.hpp"

namespace vfslock::impl::net {
namespace {

[[noreturn]] void refuse(const std::string &why) {
  throw Failure{Error{Status::UNSUPPORTED, "network storages need libcurl.so.4 (the package libcurl4), which " + why}};
}

Curl load() {
  void *const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) refuse(std::string("cannot be loaded: ") + dlerror());
  Curl out{};
#define VFSLOCK_CURL_LOAD(name)                                                    \
  out.name = reinterpret_cast<decltype(out.name)>(dlsym(library, "curl_" #name));  \
  if (!out.name) refuse("is too old: it has no curl_" #name);
  VFSLOCK_CURL_FUNCTIONS(VFSLOCK_CURL_LOAD)
#undef VFSLOCK_CURL_LOAD
  if (out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) refuse("cannot be initialised");
  return out;
}

}  // namespace

const Curl &curl() {
  static const auto *const loaded = new Curl(load());  // leaked: handles may be freed while static objects are destroyed
  return *loaded;
}

}  // namespace vfslock::impl::net
