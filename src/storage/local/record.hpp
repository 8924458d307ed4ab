#pragma once
// The record's file: what may be opened as one, how it is read, and how it is written in place.
#include <string>
#include <string_view>

#include <signal.h>

#include "seam/store.hpp"
#include "storage/local/descriptor.hpp"
#include "storage/local/directory.hpp"

namespace vfslock::impl::local {

// Longer writes in place could be cut by a kill at a page boundary (RELIABILITY §4.3).
constexpr std::size_t longest_record = 4096;

// Never follows a link, never waits for a FIFO's other end, never becomes the controlling terminal.
constexpr int safely = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// All bytes stand in it: nothing that is compared by a version could be equal and differ (RELIABILITY §4.3).
Version version_of(const FileId &id, std::string_view bytes);

// What an open file turned out to be. UNSAFE_PATH for what must not be touched.
enum class Shape { record, gone, directory };
Result<Shape> judge(const Directory &directory, const std::string &key, const struct stat &st);

// An empty directory is a released lock of the rename layout (false); one with entries holds it (HELD).
Result<Done> judge_other_layout(const Directory &directory, const std::string &key);

// 0 or errno; at most max_object_bytes + 1.
int read_all(int fd, std::string &out);

// Fills life and predates_boot. After the bytes were read, or a life that began with other bytes could be taken for
// theirs; through a description that holds no lock itself.
Result<Done> ask_life(const Directory &directory, const std::string &key, const LockFile &file, Seen &out);

// What is there now. A hint: takes no lock, so the bytes may be a mix of two writes.
Result<Look> look(const Directory &directory, const std::string &key);

// The same under the guard.
Result<Look> look_exactly(const Directory &directory, const std::string &key, const Call &call);

// Under the guard of `file`: its bytes, where the key still names it; nullopt where not. `life` is left open.
Result<Look> recheck(const Directory &directory, const std::string &key, const LockFile &file);

// Writes to records. Beyond RLIMIT_FSIZE the kernel sends SIGXFSZ, which would end the host program: it is kept from
// this thread while one of these exists.
class Writer {
 public:
  Writer() noexcept;
  ~Writer();
  Writer(const Writer &) = delete;
  Writer &operator=(const Writer &) = delete;

  // One pwrite at 0: the number written, or -1 and errno.
  ssize_t write(int fd, std::string_view bytes) noexcept;

 private:
  sigset_t before_;
  bool raised_ = false;
};

// Puts `bytes` over what was read under the guard, in one write and padded with spaces to its length, never shorter.
// Error: nothing changed but spaces at the end. Unknown: something may have.
using Written = std::variant<Landed, Unknown>;
Result<Written> write_in_place(const Directory &directory, const std::string &key, Writer &writer, const LockFile &file,
                               std::string bytes, std::string_view before);

// INVALID_ARGUMENT for more than longest_record.
Result<Done> check_length(const std::string &bytes);

// The grant's floor (RELIABILITY §6).
std::int64_t store_time_us() noexcept;

}  // namespace vfslock::impl::local
