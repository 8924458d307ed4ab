#include "base/clock.hpp"

#include <cerrno>
#include <cstdio>
#include <ctime>

#include <sys/random.h>
#include <unistd.h>

#include "base/result.hpp"

namespace vfslock::impl {
namespace {

Duration read_clock(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);  // cannot fail: the ids are constants and the pointer is ours
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

}  // namespace

BootTime boot_now() noexcept { return BootTime(read_clock(CLOCK_BOOTTIME)); }
WallTime wall_now() noexcept { return WallTime(read_clock(CLOCK_REALTIME)); }

void random_bytes(void *out, std::size_t size) {
  auto *at = static_cast<unsigned char *>(out);
  while (size > 0) {
    ssize_t got = getrandom(at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Failure{errno_error(Status::UNAVAILABLE, "the kernel gave no random bytes", errno)};
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

const std::string &boot_id() {
  // Leaked on purpose: handles may be freed while static objects are destroyed.
  static const std::string *id = [] {
    auto *text = new std::string;
    if (std::FILE *file = std::fopen("/proc/sys/kernel/random/boot_id", "re")) {
      char buffer[64];
      if (std::fgets(buffer, sizeof buffer, file)) *text = buffer;
      std::fclose(file);
    }
    while (!text->empty() && text->back() == '\n') text->pop_back();
    return text;
  }();
  return *id;
}

const std::string &boot_clock_id() {
  static const std::string *id = [] {
    char buffer[64];
    const ssize_t length = readlink("/proc/self/ns/time", buffer, sizeof buffer);
    const bool none = length < 0 && errno == ENOENT && access("/proc/self/ns/mnt", F_OK) == 0;  // Linux before 5.6
    auto *text = new std::string;
    if (length > 0 && !boot_id().empty()) *text = boot_id() + "/" + std::string(buffer, static_cast<std::size_t>(length));
    else if (none) *text = boot_id();
    return text;
  }();
  return *id;
}

WallTime boot_started() noexcept { return wall_now() - boot_now().time_since_epoch(); }

}  // namespace vfslock::impl
