#include "storage/local/descriptor.hpp"

#include <mutex>
#include <new>
#include <vector>

#include <pthread.h>

#include "base/fork.hpp"

namespace vfslock::impl::local {

// Leaked on purpose: descriptors may be closed while static objects are destroyed.
struct Descriptor::List {
  pthread_rwlock_t opening;  // shared: a descriptor is being made; exclusive: a fork
  std::mutex mutex;
  std::vector<Descriptor *> by_number;

  List() {
    initialise();
    on_fork(
        []() noexcept {
          pthread_rwlock_wrlock(&list_.opening);
          list_.mutex.lock();
        },
        []() noexcept {
          list_.mutex.unlock();
          pthread_rwlock_unlock(&list_.opening);
        },
        []() noexcept {
          for (Descriptor *&at : list_.by_number) {
            if (at) os.close(at->fd());
            at = nullptr;
          }
          list_.mutex.unlock();
          list_.initialise();  // the child's thread has another id than the one that locked it
        });
  }

  void initialise() noexcept {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    // Else threads that lock all the time would keep a fork waiting for ever.
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&opening, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
};

// At load: a fork must never find it half made.
Descriptor::List &Descriptor::list_ = *new List;

Descriptor::NoFork::NoFork() noexcept { pthread_rwlock_rdlock(&list_.opening); }
Descriptor::NoFork::~NoFork() { pthread_rwlock_unlock(&list_.opening); }

int Descriptor::enlist(int fd) noexcept {
  generation_ = fork_generation();
  const std::lock_guard hold(list_.mutex);
  const auto number = static_cast<std::size_t>(fd);
  try {
    if (number >= list_.by_number.size()) list_.by_number.resize(number + 64);
  } catch (const std::bad_alloc &) {
    os.close(fd);
    return ENOMEM;
  }
  if (Descriptor *before = std::exchange(list_.by_number[number], this)) before->fd_ = -1;
  fd_ = fd;
  return 0;
}

// Whether the number was still this one's.
bool Descriptor::delist() noexcept {
  const std::lock_guard hold(list_.mutex);
  const int number = fd_.exchange(-1);
  if (number < 0) return false;
  list_.by_number[static_cast<std::size_t>(number)] = nullptr;
  return true;
}

bool Descriptor::forked() const noexcept { return is_open() && generation_ != fork_generation(); }

void Descriptor::raise() noexcept {
  const int low = fd();
  if (low < 0 || low >= high_descriptor) return;
  const NoFork no_fork;
  const int high = os.duplicate(low, F_DUPFD_CLOEXEC, high_descriptor);
  if (high < 0) return;
  delist();
  if (enlist(high) != 0) {
    enlist(low);  // whose place in the list is there
    return;
  }
  os.close(low);
}

void Descriptor::close() noexcept {
  if (forked()) fd_ = -1;
  if (!is_open()) return;
  const NoFork no_fork;
  const int number = fd();
  if (delist()) os.close(number);
}

void Descriptor::forget() noexcept {
  if (forked()) fd_ = -1;
  delist();
}

namespace {

struct flock range_lock(Range range, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = range == Range::guard ? 1 : 0;
  lock.l_len = range == Range::both ? 2 : 1;
  return lock;  // l_pid 0, as open-file-description locks want it
}

}  // namespace

int LockFile::identify(struct stat &st) noexcept {
  if (os.fstat(fd(), &st) < 0) return errno;
  id_ = id_of(st);
  return 0;
}

int LockFile::verify() const noexcept {
  struct stat st {};
  if (!is_open() || forked()) return EBADF;
  if (os.fstat(fd(), &st) < 0) return errno;
  return id_of(st) == id_ ? 0 : EBADF;
}

int LockFile::lock(Range range, short type) noexcept {
  struct flock lock = range_lock(range, type);
  while (os.lock(fd(), F_OFD_SETLK, &lock) < 0)
    if (errno != EINTR) return errno;
  life_ = life_ || range != Range::guard;
  guard_ = guard_ || range != Range::life;
  return 0;
}

void LockFile::unlock(Range range) noexcept {
  struct flock lock = range_lock(range, F_UNLCK);
  os.lock(fd(), F_OFD_SETLK, &lock);
  if (range != Range::guard) life_ = false;
  if (range != Range::life) guard_ = false;
}

bool LockFile::holds(Range range) const noexcept {
  return range == Range::life ? life_ : range == Range::guard ? guard_ : life_ && guard_;
}

int LockFile::ask(Range range, bool &locked) const noexcept {
  struct flock lock = range_lock(range, F_WRLCK);
  while (os.lock(fd(), F_OFD_GETLK, &lock) < 0)
    if (errno != EINTR) return errno;
  locked = lock.l_type != F_UNLCK;
  return 0;
}

void LockFile::close() noexcept {
  if (!forked() && (life_ || guard_)) unlock(life_ && guard_ ? Range::both : life_ ? Range::life : Range::guard);
  life_ = guard_ = false;
  descriptor_.close();
}

void LockFile::forget() noexcept {
  life_ = guard_ = false;
  descriptor_.forget();
}

}  // namespace vfslock::impl::local
