#include "storage/local/record.hpp"

#include <charconv>

#include <pthread.h>

#include "base/clock.hpp"
#include "storage/local/guard.hpp"

namespace vfslock::impl::local {
namespace {

constexpr int most_looks = 16;  // each one found a file that was gone before it could be read

WallTime modified(const struct stat &st) {
  return WallTime(std::chrono::seconds(st.st_mtim.tv_sec) + Duration(st.st_mtim.tv_nsec));
}

Seen seen(const struct stat &st, std::string bytes) {
  Seen out;
  out.version = version_of(id_of(st), bytes);
  out.bytes = std::move(bytes);
  out.last_modified = modified(st);
  return out;
}

Error unsafe(const Directory &directory, const std::string &key, const std::string &what) {
  return Error{Status::UNSAFE_PATH, shown(directory.where(key)) + " is " + what + ", which is no lock record: it was not touched"};
}

Error open_error(const Directory &directory, const std::string &key, int error_number) {
  if (error_number == ELOOP) return unsafe(directory, key, "a symbolic link");
  if (error_number == ENXIO || error_number == ENODEV) return unsafe(directory, key, "a socket or a device");
  return os_error("open", directory.where(key), error_number);
}

}  // namespace

Version version_of(const FileId &id, std::string_view bytes) {
  char text[40];
  char *at = std::to_chars(text, text + 17, static_cast<std::uint64_t>(id.device), 16).ptr;
  *at++ = ':';
  at = std::to_chars(at, text + sizeof text - 1, static_cast<std::uint64_t>(id.inode), 16).ptr;
  *at++ = ':';
  Version version;
  version.id.reserve(static_cast<std::size_t>(at - text) + bytes.size());
  version.id.append(text, at).append(bytes);
  return version;
}

Result<Done> ask_life(const Directory &directory, const std::string &key, const LockFile &file, Seen &out) {
  bool locked = false;
  if (const int e = file.ask(Range::life, locked)) return os_error("ask for locks on", directory.where(key), e);
  out.life = locked ? Life::alive : Life::dead;
  out.predates_boot = !locked && *out.last_modified < boot_started();
  return Done{};
}

Result<Shape> judge(const Directory &directory, const std::string &key, const struct stat &st) {
  if (S_ISDIR(st.st_mode)) return Shape::directory;
  if (!S_ISREG(st.st_mode)) return unsafe(directory, key, S_ISFIFO(st.st_mode) ? "a FIFO" : "a special file");
  if (st.st_nlink == 0) return Shape::gone;
  if (st.st_nlink > 1)
    return unsafe(directory, key, "a file with " + std::to_string(st.st_nlink) + " names (hard links)");
  if (!directory.accepts_owner(st))
    return unsafe(directory, key, "a file of user " + std::to_string(st.st_uid) +
                                      " (neither you, nor root, nor the directory's owner)");
  return Shape::record;
}

Result<Done> judge_other_layout(const Directory &directory, const std::string &key) {
  const auto entries = directory.entries(key.c_str());
  if (!entries && (errno == ENOENT || errno == ENOTDIR)) return Done{};  // gone meanwhile
  if (!entries) return os_error("list", directory.where(key), errno);
  while (const dirent *entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..")
      return Error{Status::HELD, shown(directory.where(key)) +
                                     " is a directory that is not empty: the lock is held in the rename layout "
                                     "(file.layout=rename), which all who share a lock must agree on"};
  }
  return Done{};
}

int read_all(int fd, std::string &out) {
  char buffer[longest_record + 1];
  out.clear();
  while (out.size() <= max_object_bytes) {
    const std::size_t wanted = std::min(sizeof buffer, max_object_bytes + 1 - out.size());
    const ssize_t got = os.pread(fd, buffer, wanted, static_cast<off_t>(out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    out.append(buffer, static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) < wanted) break;  // the end of a regular file
  }
  return 0;
}

Result<Look> look(const Directory &directory, const std::string &key) {
  for (int looks = 0; looks < most_looks; ++looks) {
    LockFile file;
    struct stat st {};
    std::string bytes;
    // For reading, also on overlayfs: who only looks writes nothing, and a writable descriptor's close would wake
    // the waiters.
    const int error_number = file.open(directory.fd(), key.c_str(), O_RDONLY | safely);
    if (error_number == ENOENT) return Look{};
    if (error_number != 0) return open_error(directory, key, error_number);
    if (const int e = file.identify(st)) return os_error("look at", directory.where(key), e);
    auto shape = judge(directory, key, st);
    if (!shape) return shape.error();
    if (*shape == Shape::gone) continue;
    if (*shape == Shape::directory) {
      if (auto free = judge_other_layout(directory, key); !free) return free.error();
      return Look{};
    }
    if (const int e = read_all(file.fd(), bytes)) return os_error("read", directory.where(key), e);
    Seen found = seen(st, std::move(bytes));
    if (auto life = ask_life(directory, key, file, found); !life) return life.error();
    return Look{std::move(found)};
  }
  return Error{Status::UNAVAILABLE, shown(directory.where(key)) + " was replaced each time that it was opened"};
}

Result<Look> look_exactly(const Directory &directory, const std::string &key, const Call &call) {
  for (;;) {
    if (auto timely = in_time(directory, key, call); !timely) return timely.error();
    LockFile file;
    struct stat st {};
    const int error_number = file.open(directory.fd(), key.c_str(), O_RDONLY | safely);
    if (error_number == ENOENT) return Look{};
    if (error_number != 0) return open_error(directory, key, error_number);
    if (const int e = file.identify(st)) return os_error("look at", directory.where(key), e);
    auto shape = judge(directory, key, st);
    if (!shape) return shape.error();
    if (*shape == Shape::directory) {
      if (auto free = judge_other_layout(directory, key); !free) return free.error();
      return Look{};
    }
    // A reader's lock keeps writers out just as well, and whoever may read may take it.
    if (auto guarded = take_guard(directory, key, file, F_RDLCK, call, Recheck::no); !guarded) return guarded.error();
    Descriptor fresh;
    if (directory.copies_up()) {
      // A descriptor from before the file moved to another layer reads what it was then.
      if (const int e = fresh.open(directory.fd(), key.c_str(), O_RDONLY | safely); e != 0 && e != ENOENT)
        return open_error(directory, key, e);
      if (!fresh.is_open()) continue;
    }
    if (!directory.names(key, file.id())) continue;
    std::string bytes;
    if (const int e = os.fstat(file.fd(), &st) < 0 ? errno : 0) return os_error("look at", directory.where(key), e);
    if (const int e = read_all(fresh.is_open() ? fresh.fd() : file.fd(), bytes))
      return os_error("read", directory.where(key), e);
    Seen found = seen(st, std::move(bytes));
    if (auto life = ask_life(directory, key, file, found); !life) return life.error();
    return Look{std::move(found)};
  }
}

Result<Look> recheck(const Directory &directory, const std::string &key, const LockFile &file) {
  struct stat st {};
  if (os.fstatat(directory.fd(), key.c_str(), &st, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return Look{};
    return os_error("look at", directory.where(key), errno);
  }
  if (id_of(st) != file.id()) return Look{};
  std::string bytes;
  if (const int e = read_all(file.fd(), bytes)) return os_error("read", directory.where(key), e);
  return Look{seen(st, std::move(bytes))};
}

namespace {

sigset_t file_size_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGXFSZ);
  return set;
}

}  // namespace

Writer::Writer() noexcept {
  const sigset_t file_size = file_size_signal();
  pthread_sigmask(SIG_BLOCK, &file_size, &before_);
}

Writer::~Writer() {
  if (raised_) {
    const sigset_t file_size = file_size_signal();
    const timespec at_once{};
    sigtimedwait(&file_size, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

ssize_t Writer::write(int fd, std::string_view bytes) noexcept {
  // Only where the host keeps the signal blocked itself can one of its own be pending: that one is left to it.
  sigset_t pending;
  const bool hosts_own = sigismember(&before_, SIGXFSZ) && sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ);
  for (;;) {
    const ssize_t written = os.pwrite(fd, bytes.data(), bytes.size(), 0);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EFBIG && !hosts_own) raised_ = true;
    return written;
  }
}

Result<Done> check_length(const std::string &bytes) {
  if (bytes.size() <= longest_record) return Done{};
  return Error{Status::INVALID_ARGUMENT, "the lock record has " + std::to_string(bytes.size()) +
                                             " bytes, but on local disks at most " + std::to_string(longest_record) +
                                             ": use fewer or shorter attributes"};
}

std::int64_t store_time_us() noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(wall_now().time_since_epoch()).count();
}

Result<Written> write_in_place(const Directory &directory, const std::string &key, Writer &writer, const LockFile &file,
                               std::string bytes, std::string_view before) {
  if (auto fits = check_length(bytes); !fits) return fits.error();
  if (bytes.size() < before.size()) bytes.append(before.size() - bytes.size(), ' ');
  const ssize_t written = writer.write(file.fd(), bytes);
  const int error_number = written < 0 ? errno : 0;
  if (written == static_cast<ssize_t>(bytes.size())) {
    if (!directory.durable() || os.fsync(file.fd()) == 0) return Written{Landed{version_of(file.id(), bytes), std::move(bytes)}};
    return Written{Unknown{os_error("write to the disk", directory.where(key), errno)}};
  }
  Error error = written < 0 ? os_error("write", directory.where(key), error_number)
                            : Error{Status::NO_SPACE, "only " + std::to_string(written) + " of " + std::to_string(bytes.size()) +
                                                          " bytes could be written to " + shown(directory.where(key)) +
                                                          ": the disk, a quota or a file size limit has no room for more"};
  // A part was written, or nobody knows (an I/O error): put back what stood there, and spaces over what came after it.
  if (written <= 0 && error_number != EIO) return error;
  std::string restored(before);
  const std::size_t landed = written < 0 ? bytes.size() : static_cast<std::size_t>(written);
  if (landed > restored.size()) restored.resize(landed, ' ');
  if (writer.write(file.fd(), restored) == static_cast<ssize_t>(restored.size())) return error;
  return Written{Unknown{std::move(error)}};
}

}  // namespace vfslock::impl::local
