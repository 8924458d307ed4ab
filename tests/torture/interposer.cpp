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

INTERPOSE(int, openat64, (int directory, const char *path, int flags, mode_t mode)) {
  static constexpr Call call{"openat", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EMFILE}, {ENFILE}, {EINTR}, {ESTALE}}};
  static auto *const made = real<int(int, const char *, int, mode_t)>("openat64");
  return pass(call, made, directory, path, flags, mode);
}
INTERPOSE(int, close, (int fd)) {  // whatever it says, Linux has closed it
  static constexpr Call call{"close", {{EIO, after}, {EINTR, after}, {ENOSPC, after}, {EDQUOT, after}}};
  static auto *const made = real<int(int)>("close");
  return pass(call, made, fd);
}
INTERPOSE(int, fcntl64, (int fd, int command, void *argument)) {
  static constexpr Call locks{"fcntl, locks", {{ENOMEM}, {EIO}, {EINTR}, {ENOLCK}, {ESTALE}}};
  static constexpr Call unlocks{"fcntl, unlocks", {{EINTR}}};
  static constexpr Call duplicates{"fcntl, descriptors", {{EMFILE}, {ENOMEM}}};
  static auto *const made = real<int(int, int, void *)>("fcntl64");
  const bool duplicate = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  const bool unlock = command == F_OFD_SETLK && static_cast<struct flock *>(argument)->l_type == F_UNLCK;
  return pass(duplicate ? duplicates : unlock ? unlocks : locks, made, fd, command, argument);
}
INTERPOSE(int, fstat64, (int fd, struct stat *st)) {
  static constexpr Call call{"fstat", {{ENOMEM}, {EIO}, {ESTALE}}};
  static auto *const made = real<int(int, struct stat *)>("fstat64");
  return pass(call, made, fd, st);
}
INTERPOSE(int, fstatat64, (int directory, const char *path, struct stat *st, int flags)) {
  static constexpr Call call{"fstatat", {{ENOMEM}, {EIO}, {ESTALE}}};
  static auto *const made = real<int(int, const char *, struct stat *, int)>("fstatat64");
  return pass(call, made, directory, path, st, flags);
}
INTERPOSE(int, fstatfs64, (int fd, struct statfs *st)) {
  static constexpr Call call{"fstatfs", {{ENOMEM}, {EIO}, {EINTR}, {ESTALE}}};
  static auto *const made = real<int(int, struct statfs *)>("fstatfs64");
  return pass(call, made, fd, st);
}
INTERPOSE(ssize_t, pread64, (int fd, void *out, std::size_t size, off_t at)) {
  static constexpr Call call{"pread", {{ENOMEM}, {EIO}, {EINTR}, {ESTALE}}};
  static auto *const made = real<ssize_t(int, void *, std::size_t, off_t)>("pread64");
  return pass(call, made, fd, out, size, at);
}
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
INTERPOSE(ssize_t, read, (int fd, void *out, std::size_t size)) {
  static constexpr Call call{"read", {{ENOMEM}, {EIO}, {EINTR}}};
  static auto *const made = real<ssize_t(int, void *, std::size_t)>("read");
  return pass(call, made, fd, out, size);
}
INTERPOSE(int, linkat, (int from, const char *path, int to, const char *name, int flags)) {
  static constexpr Call call{"linkat", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}, {EIO, after}, {ESTALE, after}}};
  static auto *const made = real<int(int, const char *, int, const char *, int)>("linkat");
  return pass(call, made, from, path, to, name, flags);
}
INTERPOSE(int, renameat, (int from, const char *path, int to, const char *name)) {
  static constexpr Call call{"renameat", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}, {EIO, after}, {ESTALE, after}}};
  static auto *const made = real<int(int, const char *, int, const char *)>("renameat");
  return pass(call, made, from, path, to, name);
}
INTERPOSE(int, unlinkat, (int directory, const char *path, int flags)) {
  static constexpr Call call{"unlinkat", {{ENOMEM}, {EIO}, {EROFS}, {EDQUOT}, {ENOSPC}, {ESTALE}, {EIO, after}}};
  static auto *const made = real<int(int, const char *, int)>("unlinkat");
  return pass(call, made, directory, path, flags);
}
INTERPOSE(int, fchmod, (int fd, mode_t mode)) {
  static constexpr Call call{"fchmod", {{ENOMEM}, {EIO}, {EROFS}}};
  static auto *const made = real<int(int, mode_t)>("fchmod");
  return pass(call, made, fd, mode);
}
INTERPOSE(int, futimens, (int fd, const timespec *times)) {
  static constexpr Call call{"futimens", {{ENOMEM}, {EIO}, {EROFS}, {EDQUOT}}};
  static auto *const made = real<int(int, const timespec *)>("futimens");
  return pass(call, made, fd, times);
}
INTERPOSE(int, fsync, (int fd)) {
  static constexpr Call call{"fsync", {{EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EINTR}, {EIO, after}}};
  static auto *const made = real<int(int)>("fsync");
  return pass(call, made, fd);
}
INTERPOSE(int, ppoll, (pollfd * fds, nfds_t count, const timespec *time, const sigset_t *mask)) {
  static constexpr Call call{"ppoll", {{EINTR}, {ENOMEM}}};
  static auto *const made = real<int(pollfd *, nfds_t, const timespec *, const sigset_t *)>("ppoll");
  return pass(call, made, fds, count, time, mask);
}
INTERPOSE(int, __ppoll_chk, (pollfd * fds, nfds_t count, const timespec *time, const sigset_t *mask, std::size_t)) {
  return torture_ppoll(fds, count, time, mask);
}
INTERPOSE(int, eventfd, (unsigned initial, int flags)) {
  static constexpr Call call{"eventfd", {{EMFILE}, {ENFILE}, {ENOMEM}}};
  static auto *const made = real<int(unsigned, int)>("eventfd");
  return pass(call, made, initial, flags);
}
INTERPOSE(int, inotify_init1, (int flags)) {
  static constexpr Call call{"inotify_init1", {{EMFILE}, {ENFILE}, {ENOMEM}}};
  static auto *const made = real<int(int)>("inotify_init1");
  return pass(call, made, flags);
}
INTERPOSE(int, inotify_add_watch, (int fd, const char *path, std::uint32_t mask)) {
  static constexpr Call call{"inotify_add_watch", {{ENOMEM}, {ENOSPC}}};
  static auto *const made = real<int(int, const char *, std::uint32_t)>("inotify_add_watch");
  return pass(call, made, fd, path, mask);
}
INTERPOSE(ssize_t, getrandom, (void *out, std::size_t size, unsigned flags)) {
  static constexpr Call call{"getrandom", {{EINTR}, {EIO}}};
  static auto *const made = real<ssize_t(void *, std::size_t, unsigned)>("getrandom");
  return pass(call, made, out, size, flags);
}
INTERPOSE(DIR *, fdopendir, (int fd)) {
  static constexpr Call call{"fdopendir", {{ENOMEM}, {EIO}}};
  static auto *const made = real<DIR *(int)>("fdopendir");
  return pass(call, made, fd);
}
INTERPOSE(DIR *, opendir, (const char *path)) {
  static constexpr Call call{"opendir", {{ENOMEM}, {EIO}, {EMFILE}, {ENFILE}, {EINTR}, {ESTALE}}};
  static auto *const made = real<DIR *(const char *)>("opendir");
  return pass(call, made, path);
}
INTERPOSE(dirent64 *, readdir64, (DIR * entries)) {
  static constexpr Call call{"readdir", {{EIO}, {EINTR}, {ESTALE}}};
  static auto *const made = real<dirent64 *(DIR *)>("readdir64");
  return pass(call, made, entries);
}
INTERPOSE(char *, realpath, (const char *path, char *out)) {
  static constexpr Call call{"realpath", {{ENOMEM}, {EIO}, {ESTALE}}};
  static auto *const made = real<char *(const char *, char *)>("realpath");
  return pass(call, made, path, out);
}
INTERPOSE(FILE *, fopen64, (const char *path, const char *mode)) {
  static constexpr Call call{"fopen", {{ENOMEM}, {EIO}, {EMFILE}, {ENFILE}, {EINTR}}};
  static auto *const made = real<FILE *(const char *, const char *)>("fopen64");
  return pass(call, made, path, mode);
}
INTERPOSE(char *, fgets, (char *out, int size, FILE *file)) {
  static constexpr Call call{"fgets", {{EIO}, {EINTR}}};
  static auto *const made = real<char *(char *, int, FILE *)>("fgets");
  return pass(call, made, out, size, file);
}
INTERPOSE(ssize_t, readlink, (const char *path, char *out, std::size_t size)) {
  static constexpr Call call{"readlink", {{ENOMEM}, {EIO}}};
  static auto *const made = real<ssize_t(const char *, char *, std::size_t)>("readlink");
  return pass(call, made, path, out, size);
}
INTERPOSE(int, access, (const char *path, int mode)) {
  static constexpr Call call{"access", {{ENOMEM}, {EIO}}};
  static auto *const made = real<int(const char *, int)>("access");
  return pass(call, made, path, mode);
}
INTERPOSE(int, gethostname, (char *out, std::size_t size)) {
  static constexpr Call call{"gethostname", {{ENAMETOOLONG}}};
  static auto *const made = real<int(char *, std::size_t)>("gethostname");
  return pass(call, made, out, size);
}
INTERPOSE(int, mkdir, (const char *path, mode_t mode)) {
  static constexpr Call call{"mkdir", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}}};
  static auto *const made = real<int(const char *, mode_t)>("mkdir");
  return pass(call, made, path, mode);
}
INTERPOSE(int, open64, (const char *path, int flags, mode_t mode)) {
  static constexpr Call call{"open", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EMFILE}, {ENFILE}, {EINTR}, {ESTALE}}};
  static auto *const made = real<int(const char *, int, mode_t)>("open64");
  return pass(call, made, path, flags, mode);
}
INTERPOSE(ssize_t, write, (int fd, const void *bytes, std::size_t size)) {
  static constexpr Call call{"write", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EINTR}, {EIO, after}}};
  static auto *const made = real<ssize_t(int, const void *, std::size_t)>("write");
  return pass(call, made, fd, bytes, size);
}
INTERPOSE(int, rename, (const char *from, const char *to)) {
  static constexpr Call call{"rename", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {EIO, after}}};
  static auto *const made = real<int(const char *, const char *)>("rename");
  return pass(call, made, from, to);
}
INTERPOSE(int, renameat2, (int from, const char *path, int to, const char *name, unsigned flags)) {
  static constexpr Call call{"renameat2", {{ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, {EROFS}, {ESTALE}, {EINVAL}, {EIO, after}}};
  static auto *const made = real<int(int, const char *, int, const char *, unsigned)>("renameat2");
  return pass(call, made, from, path, to, name, flags);
}
INTERPOSE(int, unlink, (const char *path)) {
  static constexpr Call call{"unlink", {{ENOMEM}, {EIO}, {EROFS}, {EIO, after}}};
  static auto *const made = real<int(const char *)>("unlink");
  return pass(call, made, path);
}
INTERPOSE(int, fchown, (int fd, uid_t owner, gid_t group)) {
  static constexpr Call call{"fchown", {{ENOMEM}, {EIO}, {EROFS}, {EDQUOT}, {EPERM}}};
  static auto *const made = real<int(int, uid_t, gid_t)>("fchown");
  return pass(call, made, fd, owner, group);
}
INTERPOSE(int, pipe2, (int *ends, int flags)) {
  static constexpr Call call{"pipe2", {{EMFILE}, {ENFILE}, {ENOMEM}}};
  static auto *const made = real<int(int *, int)>("pipe2");
  return pass(call, made, ends, flags);
}
INTERPOSE(int, inotify_rm_watch, (int fd, int watch)) {
  static constexpr Call call{"inotify_rm_watch", {{EINVAL}}};
  static auto *const made = real<int(int, int)>("inotify_rm_watch");
  return pass(call, made, fd, watch);
}
INTERPOSE(int, eventfd_write, (int fd, std::uint64_t value)) {
  static constexpr Call call{"eventfd_write", {{EIO}}};
  static auto *const made = real<int(int, std::uint64_t)>("eventfd_write");
  return pass(call, made, fd, value);
}
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
