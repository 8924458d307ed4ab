#include "base/state_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/hash.hpp"

namespace vfslock::impl {
namespace {

constexpr std::size_t longest = 64 * 1024;

bool write_whole(const std::string &path, std::string_view text) {
  const OwnedFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  return file.fd >= 0 && ::write(file.fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::string StateFiles::path(std::string_view kind, std::string_view name) const {
  return folder_ + "/" + std::string(kind) + "-" + sha256_hex(name).substr(0, 32);
}

std::optional<std::string> StateFiles::read(std::string_view kind, std::string_view name) const {
  if (folder_.empty()) return std::nullopt;
  const OwnedFd file(open(path(kind, name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  struct stat st {};
  if (file.fd < 0 || fstat(file.fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) return std::nullopt;
  std::string out;
  return read_whole(file.fd, longest, out) == 0 ? std::optional(std::move(out)) : std::nullopt;
}

void StateFiles::write(std::string_view kind, std::string_view name, std::string_view text) const noexcept {
  if (folder_.empty()) return;
  try {
    const std::string whole = path(kind, name), part = whole + "." + random_hex(16);
    const bool written = write_whole(part, text) || (make_directories(folder_, 0700) == 0 && write_whole(part, text));
    if (!written || rename(part.c_str(), whole.c_str()) != 0) unlink(part.c_str());
  } catch (...) {  // no memory, no randomness: then nothing is kept
  }
}

void StateFiles::remove(std::string_view kind, std::string_view name) const noexcept {
  if (folder_.empty()) return;
  try {
    unlink(path(kind, name).c_str());
  } catch (...) {
  }
}

}  // namespace vfslock::impl
