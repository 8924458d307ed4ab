#include "interposer.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace vfslock::torture {
namespace {

// Of the thread that runs the test: only its own plan counts there.
thread_local bool is_tester = false;
thread_local Plan *own_plan = nullptr;
std::atomic<Plan *> others_plan{nullptr};

Plan *plan_of(Kind kind) {
  Plan *plan = is_tester ? own_plan : others_plan.load(std::memory_order_acquire);
  return plan && plan->kind == kind ? plan : nullptr;
}

// Null: let it happen.
const Failure *next_call(const Call &call) {
  Plan *plan = plan_of(Kind::calls);
  if (!plan || ++plan->seen != plan->nth) return nullptr;
  plan->call = &call;
  const Failure &failure = call.failures[plan->which];
  if (failure.error_number == 0) return nullptr;
  plan->hit = true;
  return &failure;
}

bool refuse_allocation() {
  Plan *plan = plan_of(Kind::allocations);
  if (!plan || ++plan->seen != plan->nth) return false;
  plan->hit = true;
  errno = ENOMEM;
  return true;
}

// The addresses of allocations made while armed: a hash table without allocations of its own.
class Memory {
 public:
  void add(void *at) {
    if (!at || !is_tester || !own_plan) return;
    const Spin spin(busy_);
    std::size_t slot = slot_of(at);
    while (slots_[slot] && slots_[slot] != gone()) slot = next(slot);
    if (!slots_[slot]) ++used_;
    slots_[slot] = at;
    ++alive_;
  }
  void remove(void *at) {
    if (!at || alive_ == 0) return;
    const Spin spin(busy_);
    for (std::size_t slot = slot_of(at); slots_[slot]; slot = next(slot)) {
      if (slots_[slot] != at) continue;
      slots_[slot] = gone();
      if (--alive_ == 0 && used_ > size / 4) slots_.fill(nullptr), used_ = 0;
      return;
    }
  }
  long alive() const { return alive_; }

 private:
  struct Spin {
    explicit Spin(std::atomic_flag &flag) : busy(flag) {
      while (busy.test_and_set(std::memory_order_acquire)) continue;
    }
    ~Spin() { busy.clear(std::memory_order_release); }
    std::atomic_flag &busy;
  };
  static void *gone() { return &gone_; }
  static std::size_t next(std::size_t slot) { return (slot + 1) % size; }
  static std::size_t slot_of(void *at) { return (reinterpret_cast<std::uintptr_t>(at) >> 4) * 2654435761u % size; }

  static constexpr std::size_t size = 1 << 17;  // far more than are ever used
  static inline char gone_;
  std::array<void *, size> slots_{};
  std::size_t used_ = 0;
  std::atomic<long> alive_{0};
  std::atomic_flag busy_;
};
constinit Memory memory;

template <class Function>
Function *real(const char *name) {
  return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

// What a call answers when it failed.
template <class R>
R failed() {
  if constexpr (std::is_pointer_v<R>) return nullptr;
  else return static_cast<R>(-1);
}

// One call that tells of its failure so, and by errno.
template <class R, class... A>
R pass(const Call &call, R (*made)(A...), A... arguments) {
  const Failure *failure = next_call(call);
  if (!failure) return made(arguments...);
  if (failure->way == Way::after) (void)made(arguments...);
  errno = failure->error_number;
  return failed<R>();
}

constexpr Way after = Way::after;

}  // namespace

Armed::Armed(Plan &plan) {
  is_tester = true;
  own_plan = &plan;
}
Armed::~Armed() { own_plan = nullptr; }

void arm_other_threads(Plan *plan) {
  is_tester = true;
  others_plan.store(plan, std::memory_order_release);
}

long allocations_alive() { return memory.alive(); }

}  // namespace vfslock::torture

using namespace vfslock::torture;

// Named by assembler labels: the headers' own declarations differ in exception specifications and redirections.
#define INTERPOSE(result, label, parameters) \
  extern "C" result torture_##label parameters __asm__(#label); \
  extern "C" result torture_##label parameters

// One that fails as its list says, and is else the C library's own.
#define UNWRAPPED(...) __VA_ARGS__
#define FAILING(result, label, name, parameters, arguments, ...) \
  INTERPOSE(result, label, parameters) { \
    static constexpr Call call{name, {__VA_ARGS__}}; \
    static auto *const made = real<result parameters>(#label); \
    return pass(call, made, UNWRAPPED arguments); \
  }

extern "C" {
void *__libc_malloc(std::size_t);
void *__libc_calloc(std::size_t, std::size_t);
void *__libc_realloc(void *, std::size_t);
void *__libc_memalign(std::size_t, std::size_t);
void __libc_free(void *);
}

INTERPOSE(void *, malloc, (std::size_t size)) {
  void *at = refuse_allocation() ? nullptr : __libc_malloc(size);
  memory.add(at);
  return at;
}
INTERPOSE(void *, calloc, (std::size_t count, std::size_t size)) {
  void *at = refuse_allocation() ? nullptr : __libc_calloc(count, size);
  memory.add(at);
  return at;
}
INTERPOSE(void *, realloc, (void *before, std::size_t size)) {
  if (refuse_allocation()) return nullptr;
  memory.remove(before);
  void *at = __libc_realloc(before, size);
  memory.add(at);
  return at;
}
INTERPOSE(void *, memalign, (std::size_t alignment, std::size_t size)) {
  void *at = refuse_allocation() ? nullptr : __libc_memalign(alignment, size);
  memory.add(at);
  return at;
}
INTERPOSE(void *, aligned_alloc, (std::size_t alignment, std::size_t size)) { return torture_memalign(alignment, size); }
INTERPOSE(int, posix_memalign, (void **out, std::size_t alignment, std::size_t size)) {
  void *at = torture_memalign(alignment, size);
  if (!at) return ENOMEM;
  *out = at;
  return 0;
}
INTERPOSE(void, free, (void *at)) {
  memory.remove(at);
  __libc_free(at);
}

FAILING(int, openat64, "openat", (int directory, const char *path, int flags, mode_t mode), (directory, path, flags, mode),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EMFILE}, {ENFILE}, {EINTR}, {ESTALE})
// Whatever it says, Linux has closed it.
FAILING(int, close, "close", (int fd), (fd), {EIO, after}, {EINTR, after}, {ENOSPC, after}, {EDQUOT, after})
INTERPOSE(int, fcntl64, (int fd, int command, void *argument)) {
  static constexpr Call locks{"fcntl, locks", {{ENOMEM}, {EIO}, {EINTR}, {ENOLCK}, {ESTALE}}};
  static constexpr Call unlocks{"fcntl, unlocks", {{EINTR}}};
  static constexpr Call duplicates{"fcntl, descriptors", {{EMFILE}, {ENOMEM}}};
  static auto *const made = real<int(int, int, void *)>("fcntl64");
  const bool duplicate = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  const bool unlock = command == F_OFD_SETLK && static_cast<struct flock *>(argument)->l_type == F_UNLCK;
  return pass(duplicate ? duplicates : unlock ? unlocks : locks, made, fd, command, argument);
}
FAILING(int, fstat64, "fstat", (int fd, struct stat *st), (fd, st), {ENOMEM}, {EIO}, {ESTALE})
FAILING(int, fstatat64, "fstatat", (int directory, const char *path, struct stat *st, int flags), (directory, path, st, flags),
        {ENOMEM}, {EIO}, {ESTALE})
FAILING(int, fstatfs64, "fstatfs", (int fd, struct statfs *st), (fd, st), {ENOMEM}, {EIO}, {EINTR}, {ESTALE})
FAILING(ssize_t, pread64, "pread", (int fd, void *out, std::size_t size, off_t at), (fd, out, size, at),
        {ENOMEM}, {EIO}, {EINTR}, {ESTALE})
INTERPOSE(ssize_t, pwrite64, (int fd, const void *bytes, std::size_t size, off_t at)) {
  static constexpr Call call{"pwrite", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EINTR}, {ESTALE}, {EIO, after},
                                    {ENOSPC, Way::in_part}}};
  static auto *const made = real<ssize_t(int, const void *, std::size_t, off_t)>("pwrite64");
  const Failure *failure = next_call(call);
  if (!failure) return made(fd, bytes, size, at);
  if (failure->way == Way::in_part) return made(fd, bytes, size / 2, at);
  if (failure->way == Way::after) (void)made(fd, bytes, size, at);
  errno = failure->error_number;
  return -1;
}
FAILING(ssize_t, read, "read", (int fd, void *out, std::size_t size), (fd, out, size), {ENOMEM}, {EIO}, {EINTR})
FAILING(int, linkat, "linkat", (int from, const char *path, int to, const char *name, int flags), (from, path, to, name, flags),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}, {EIO, after}, {ESTALE, after})
FAILING(int, renameat, "renameat", (int from, const char *path, int to, const char *name), (from, path, to, name),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}, {EIO, after}, {ESTALE, after})
FAILING(int, unlinkat, "unlinkat", (int directory, const char *path, int flags), (directory, path, flags),
        {ENOMEM}, {EIO}, {EROFS}, {EDQUOT}, {ENOSPC}, {ESTALE}, {EIO, after})
FAILING(int, fchmod, "fchmod", (int fd, mode_t mode), (fd, mode), {ENOMEM}, {EIO}, {EROFS})
FAILING(int, futimens, "futimens", (int fd, const timespec *times), (fd, times), {ENOMEM}, {EIO}, {EROFS}, {EDQUOT})
FAILING(int, fsync, "fsync", (int fd), (fd), {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EINTR}, {EIO, after})
FAILING(int, ppoll, "ppoll", (pollfd * fds, nfds_t count, const timespec *time, const sigset_t *mask), (fds, count, time, mask),
        {EINTR}, {ENOMEM})
INTERPOSE(int, __ppoll_chk, (pollfd * fds, nfds_t count, const timespec *time, const sigset_t *mask, std::size_t)) {
  return torture_ppoll(fds, count, time, mask);
}
FAILING(int, eventfd, "eventfd", (unsigned initial, int flags), (initial, flags), {EMFILE}, {ENFILE}, {ENOMEM})
FAILING(int, inotify_init1, "inotify_init1", (int flags), (flags), {EMFILE}, {ENFILE}, {ENOMEM})
FAILING(int, inotify_add_watch, "inotify_add_watch", (int fd, const char *path, std::uint32_t mask), (fd, path, mask),
        {ENOMEM}, {ENOSPC})
FAILING(ssize_t, getrandom, "getrandom", (void *out, std::size_t size, unsigned flags), (out, size, flags),
        {EINTR}, {EIO})
FAILING(DIR *, fdopendir, "fdopendir", (int fd), (fd), {ENOMEM}, {EIO})
FAILING(DIR *, opendir, "opendir", (const char *path), (path), {ENOMEM}, {EIO}, {EMFILE}, {ENFILE}, {EINTR}, {ESTALE})
FAILING(dirent64 *, readdir64, "readdir", (DIR * entries), (entries), {EIO}, {EINTR}, {ESTALE})
FAILING(char *, realpath, "realpath", (const char *path, char *out), (path, out), {ENOMEM}, {EIO}, {ESTALE})
FAILING(FILE *, fopen64, "fopen", (const char *path, const char *mode), (path, mode),
        {ENOMEM}, {EIO}, {EMFILE}, {ENFILE}, {EINTR})
FAILING(char *, fgets, "fgets", (char *out, int size, FILE *file), (out, size, file), {EIO}, {EINTR})
FAILING(ssize_t, readlink, "readlink", (const char *path, char *out, std::size_t size), (path, out, size),
        {ENOMEM}, {EIO})
FAILING(int, access, "access", (const char *path, int mode), (path, mode), {ENOMEM}, {EIO})
FAILING(int, gethostname, "gethostname", (char *out, std::size_t size), (out, size), {ENAMETOOLONG})
FAILING(int, mkdir, "mkdir", (const char *path, mode_t mode), (path, mode),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE})
FAILING(int, open64, "open", (const char *path, int flags, mode_t mode), (path, flags, mode),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EMFILE}, {ENFILE}, {EINTR}, {ESTALE})
FAILING(ssize_t, write, "write", (int fd, const void *bytes, std::size_t size), (fd, bytes, size),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EINTR}, {EIO, after})
FAILING(int, rename, "rename", (const char *from, const char *to), (from, to),
        {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EIO, after})
FAILING(int, renameat2, "renameat2", (int from, const char *path, int to, const char *name, unsigned flags),
        (from, path, to, name, flags), {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}, {EINVAL}, {EIO, after})
FAILING(int, unlink, "unlink", (const char *path), (path), {ENOMEM}, {EIO}, {EROFS}, {EIO, after})
FAILING(int, fchown, "fchown", (int fd, uid_t owner, gid_t group), (fd, owner, group),
        {ENOMEM}, {EIO}, {EROFS}, {EDQUOT}, {EPERM})
FAILING(int, pipe2, "pipe2", (int *ends, int flags), (ends, flags), {EMFILE}, {ENFILE}, {ENOMEM})
FAILING(int, inotify_rm_watch, "inotify_rm_watch", (int fd, int watch), (fd, watch), {EINVAL})
FAILING(int, eventfd_write, "eventfd_write", (int fd, std::uint64_t value), (fd, value), {EIO})
INTERPOSE(int, pthread_create, (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)) {
  static constexpr Call call{"pthread_create", {{EAGAIN}}};
  static auto *const made = real<int(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)>("pthread_create");
  if (const Failure *failure = next_call(call)) return failure->error_number;
  // What libc allocates for a thread lives as long as the thread's stack, which is kept for others.
  Plan *const mine = own_plan;
  own_plan = nullptr;
  const int error_number = made(thread, attributes, run, argument);
  own_plan = mine;
  return error_number;
}
