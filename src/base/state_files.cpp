#include "base/state_files.hpp"

#include <algorithm>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"

namespace vfslock::impl {
namespace {

constexpr std::size_t longest = 64 * 1024;

bool write_whole(const std::string &path, std::string_view text) {
  const OwnedFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  return file.fd >= 0 && ::write(file.fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// A file of this kind, or what is left of one that was being written.
bool is_named(std::string_view name, std::string_view kind) {
  constexpr std::size_t digits = 32;
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (name.size() < kind.size() + 1 + digits || name.substr(0, kind.size()) != kind || name[kind.size()] != '-') return false;
  name.remove_prefix(kind.size() + 1);
  return std::all_of(name.begin(), name.begin() + digits, hex) && (name.size() == digits || name[digits] == '.');
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
    const bool is_new = access(whole.c_str(), F_OK) != 0;
    if (!written || rename(part.c_str(), whole.c_str()) != 0) unlink(part.c_str());
    else if (is_new) drop_old(kind);
  } catch (...) {  // no memory, no randomness: then nothing is kept
  }
}

void StateFiles::drop_old(std::string_view kind) const {
  constexpr auto oldest = std::chrono::hours(30 * 24);
  const std::unique_ptr<DIR, int (*)(DIR *)> entries(opendir(folder_.c_str()), closedir);
  if (!entries) return;
  const WallTime before = wall_now() - oldest;
  while (const dirent *entry = readdir(entries.get())) {
    struct stat st {};
    if (!is_named(entry->d_name, kind)) continue;
    if (fstatat(dirfd(entries.get()), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
    if (WallTime(std::chrono::seconds(st.st_mtim.tv_sec)) < before) unlinkat(dirfd(entries.get()), entry->d_name, 0);
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
