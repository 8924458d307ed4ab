#include "storage/local/directory.hpp"

#include <cstdio>
#include <utility>

#include <unistd.h>

#include "base/file.hpp"
#include "storage/local/draft.hpp"

namespace vfslock::impl::local {
namespace {

constexpr const char *served_by_rename = "the rename layout (file.layout=rename) is what will serve it";

// Devices whose locks were seen to conflict, by number and kind: a number may come back as another file system.
// Only ever grows, and without a mutex, which a fork could find locked.
struct Proven {
  dev_t device;
  const char *file_system;
  const Proven *next;
};
std::atomic<const Proven *> all_proven{nullptr};

bool is_proven(dev_t device, const char *file_system) {
  for (const Proven *at = all_proven.load(std::memory_order_acquire); at; at = at->next)
    if (at->device == device && at->file_system == file_system) return true;
  return false;
}

void remember_proven(dev_t device, const char *file_system) {
  auto *row = new Proven{device, file_system, all_proven.load(std::memory_order_relaxed)};
  while (!all_proven.compare_exchange_weak(row->next, row, std::memory_order_release)) {
  }
}

// Opens the same file once more.
int open_again(LockFile &again, const Directory &directory, const LockFile &file, const Draft &draft) {
  if (draft.is_named()) return again.open(directory.fd(), draft.name().c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", file.fd());
  return again.open(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
}

}  // namespace

Directory::Directory(std::string path, const LocalSettings &settings) : path_(std::move(path)), settings_(settings) {}

// A program that closes all descriptors closes this one too, and may have a file of its own under the number.
Directory::~Directory() {
  if (fd_ < 0) return;
  struct stat st {};
  const bool looked_at = os.fstat(fd_, &st) == 0;
  const bool not_ours = looked_at ? id_ != FileId{} && id_of(st) != id_ : errno == EBADF;
  if (!not_ours) os.close(fd_);
}

Result<Done> Directory::open() {
  const auto open = [this] { return beyond_standard_streams(os.openat(AT_FDCWD, path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0)); };
  fd_ = open();
  if (fd_ < 0 && errno == ENOENT && settings_.create_parents) {
    if (const int e = make_directories(path_, 0777)) return os_error("create the directory", path_, e);
    fd_ = open();
  }
  if (fd_ >= 0) return examine();
  const int error_number = errno;
  if (error_number == ENOENT) return errno_error(Status::NOT_FOUND, "there is no directory " + shown(path_), error_number);
  return os_error("open the directory", path_, error_number);
}

void Directory::open_if_lost() {
  struct stat st {};
  if (os.fstat(fd_, &st) == 0 ? id_of(st) == id_ : errno != EBADF) return;
  fd_ = beyond_standard_streams(os.openat(AT_FDCWD, path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
  if (fd_ < 0 || id_of(fd_) == id_) return;
  os.close(fd_);  // another one has its name now
  fd_ = -1;
}

Result<Done> Directory::examine() {
  struct stat st {};
  struct statfs fs {};
  if (os.fstat(fd_, &st) < 0) return os_error("look at", path_, errno);
  id_ = id_of(st);
  if (os.fstatfs(fd_, &fs) < 0) return os_error("look at the file system of", path_, errno);

  if ((st.st_mode & S_ISVTX) && (st.st_mode & S_IWOTH) && !settings_.allow_sticky)
    return Error{Status::UNSAFE_PATH,
                 shown(path_) + " is a directory in which anyone may create files (like /tmp), so anyone could hold this "
                                "lock up: use a directory of your own, or set file.allow_sticky to accept that"};
  const auto magic = static_cast<std::uint32_t>(fs.f_type);
  const FileSystem *kind = find_file_system(magic);
  if (!kind || !kind->proven) {
    char number[16];
    std::snprintf(number, sizeof number, "type 0x%x", static_cast<unsigned>(magic));
    return Error{Status::UNSUPPORTED, shown(path_) + " is on " + (kind ? kind->name : number) +
                                          ", where kernel locks do not prove who lives (ext4, xfs, btrfs, zfs, tmpfs and "
                                          "overlayfs do): " + served_by_rename};
  }

  owner_ = st.st_uid;
  group_ = st.st_gid;
  shared_group_ = (st.st_mode & S_ISGID) && (st.st_mode & S_IWGRP);
  file_mode_ = settings_.mode.value_or(shared_group_ ? 0660 : 0600);
  file_system_ = kind->name;
  copies_up_ = magic == 0x794C7630;
  return Done{};
}

bool Directory::accepts_owner(const struct stat &st) const {
  if (st.st_uid == 0 || st.st_uid == owner_) return true;
  if (shared_group_ && st.st_gid == group_) return true;        // any member's record
  if (settings_.mode && (*settings_.mode & 022)) return true;  // file.mode says that others write it
  return st.st_uid == geteuid();
}

Result<Done> Directory::prove() const {
  if (is_proven(id_.device, file_system_)) return Done{};
  LockFile first, second;
  Draft draft(*this, first);
  if (auto made = draft.open(); !made) return made;
  int error_number = open_again(second, *this, first, draft);
  if (error_number == ENOENT && !draft.is_named()) {  // no /proc
    only_named() = true;
    return prove();
  }
  bool seen = false;
  if (error_number == 0) error_number = second.ask(Range::life, seen);
  if (error_number != 0) return os_error("try locks in", path_, error_number);
  bool conflict = seen;
  for (const Range range : {Range::life, Range::guard}) {
    const int refusal = second.lock(range);
    if (refusal != 0 && refusal != EAGAIN) return os_error("try locks in", path_, refusal);
    conflict = conflict && refusal == EAGAIN;
  }
  if (!conflict)
    return Error{Status::UNSUPPORTED, "two descriptors of one file in " + shown(path_) + " (" + file_system_ +
                                          ") can lock the same byte, so locks there prove nothing: " + served_by_rename};
  remember_proven(id_.device, file_system_);
  return Done{};
}

bool Directory::names(const std::string &key, const FileId &id) const {
  struct stat st {};
  return os.fstatat(fd_, key.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 && id_of(st) == id;
}

std::unique_ptr<DIR, Directory::CloseEntries> Directory::entries(const char *name) const {
  const int fd = os.openat(fd_, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (fd < 0) return nullptr;
  std::unique_ptr<DIR, CloseEntries> out(fdopendir(fd));
  if (!out) {
    const int error_number = errno;
    os.close(fd);
    errno = error_number;
  }
  return out;
}

Result<Done> Directory::sync() const {
  if (!durable()) return Done{};
  const int fd = os.openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  const int error_number = fd < 0 || os.fsync(fd) < 0 ? errno : 0;
  if (fd >= 0) os.close(fd);
  if (error_number != 0) return os_error("write to the disk the names in", path_, error_number);
  return Done{};
}

}  // namespace vfslock::impl::local
