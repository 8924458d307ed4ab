#include "storage/local/draft.hpp"

#include <atomic>
#include <charconv>
#include <cstdio>

#include "base/clock.hpp"
#include "base/hash.hpp"

namespace vfslock::impl::local {
namespace {

constexpr std::string_view prefix = ".vfslock.";
constexpr std::size_t random_digits = 32;

// The kernel names a file by its descriptor alone (since 6.10, before with a capability), or by /proc.
std::atomic<bool> by_proc_only{false};

bool has_no_tmpfile(int error_number) {
  return error_number == EOPNOTSUPP || error_number == EISDIR || error_number == EINVAL || error_number == ENOSYS;
}

}  // namespace

bool is_temporary(std::string_view name) {
  return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix &&
         name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

std::string random_temporary() { return std::string(prefix) + random_hex(random_digits); }

std::string temporary_of(ino_t inode) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<std::uint64_t>(inode), 16).ptr;
  return std::string(prefix).append(digits, end);
}

Draft::~Draft() {
  if (is_named()) os.unlinkat(directory_.fd(), name_.c_str(), 0);
}

Result<Done> Draft::open(std::string temporary) {
  if (!directory_.only_named()) {
    const int error_number = file_.open(directory_.fd(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, directory_.file_mode());
    if (error_number == 0) return prepare();
    if (!has_no_tmpfile(error_number)) return os_error("create a file in", directory_.path(), error_number);
    directory_.only_named() = true;
  }
  if (temporary.empty()) temporary = random_temporary();
  constexpr int flags = O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC;
  int error_number = file_.open(directory_.fd(), temporary.c_str(), flags, directory_.file_mode());
  if (error_number == EEXIST) {
    os.unlinkat(directory_.fd(), temporary.c_str(), 0);
    error_number = file_.open(directory_.fd(), temporary.c_str(), flags, directory_.file_mode());
  }
  if (error_number != 0) return os_error("create a file in", directory_.path(), error_number);
  name_ = std::move(temporary);
  return prepare();
}

// The lock first, whole before the file has the lock's name. Mode and group do not depend on the caller's umask.
Result<Done> Draft::prepare() {
  struct stat st {};
  if (const int e = file_.identify(st)) return os_error("look at a new file in", directory_.path(), e);
  if (const int e = file_.lock(Range::both)) return os_error("lock a new file in", directory_.path(), e);
  // The group first: fchown may clear bits of the mode.
  if (directory_.shared_group() && st.st_gid != directory_.group() &&
      os.fchown(file_.fd(), static_cast<uid_t>(-1), directory_.group()) < 0)
    return os_error("give its directory's group to a new file in", directory_.path(), errno);
  if ((st.st_mode & 07777) != directory_.file_mode() && os.fchmod(file_.fd(), directory_.file_mode()) < 0)
    return os_error("set the mode of a new file in", directory_.path(), errno);
  return Done{};
}

int Draft::link(const std::string &name) {
  if (!by_proc_only.load(std::memory_order_relaxed)) {
    if (os.linkat(file_.fd(), "", directory_.fd(), name.c_str(), AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT && errno != EPERM && errno != EINVAL) return errno;
  }
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", file_.fd());
  const int error_number = os.linkat(AT_FDCWD, path, directory_.fd(), name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
  if (error_number == 0 || error_number == EEXIST) by_proc_only.store(true, std::memory_order_relaxed);
  return error_number;
}

Result<Draft::Published> Draft::publish(const std::string &key) {
  int error_number = 0;
  if (is_named()) {
    // Not link and unlink: a crash between the two would leave a file with two names for ever.
    error_number = os.renameat2(directory_.fd(), name_.c_str(), directory_.fd(), key.c_str(), RENAME_NOREPLACE) == 0
                       ? 0
                       : errno;
    if (error_number == 0) name_.clear();
    if (error_number == EINVAL || error_number == ENOSYS || error_number == EPERM) {
      Error error = errno_error(Status::UNSUPPORTED,
                                "this system can neither name a file made with O_TMPFILE (which takes /proc) nor rename "
                                "without replacing (renameat2) in " + shown(directory_.path()),
                                error_number);
      return error;
    }
  } else {
    error_number = link(key);
    if (error_number == ENOENT) {  // no /proc
      directory_.only_named() = true;
      return Published::again;
    }
  }
  if (error_number == 0 || (error_number != EEXIST && directory_.names(key, file_.id()))) return Published::landed;
  if (error_number == EEXIST) return Published::exists;
  return os_error("create", directory_.where(key), error_number);
}

int Draft::link_temporary(std::string temporary) {
  if (is_named()) return 0;
  int error_number = link(temporary);
  if (error_number == EEXIST) {  // a thief died between this and its rename
    os.unlinkat(directory_.fd(), temporary.c_str(), 0);
    error_number = link(temporary);
  }
  if (error_number != EEXIST) name_ = std::move(temporary);  // what is told as failed may have landed all the same
  return error_number;
}

int Draft::replace(const std::string &key) {
  if (os.renameat(directory_.fd(), name_.c_str(), directory_.fd(), key.c_str()) < 0) return errno;
  name_.clear();
  return 0;
}

void remove_dead_drafts(const Directory &directory) {
  const auto entries = directory.entries(".");
  if (!entries) return;
  const WallTime long_ago = wall_now() - std::chrono::minutes(1);
  while (const dirent *entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (!is_temporary(name) || name.size() != prefix.size() + random_digits) continue;
    LockFile file;
    struct stat st {};
    bool alive = true;
    if (file.open(directory.fd(), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) != 0 ||
        file.identify(st) != 0 || !S_ISREG(st.st_mode) || file.ask(Range::life, alive) != 0 || alive)
      continue;
    const WallTime changed(std::chrono::seconds(st.st_ctim.tv_sec) + Duration(st.st_ctim.tv_nsec));
    if (changed < long_ago) os.unlinkat(directory.fd(), entry->d_name, 0);
  }
}

}  // namespace vfslock::impl::local
