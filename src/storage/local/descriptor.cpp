#include "storage/local/descriptor.hpp"

#include <mutex>

#include <pthread.h>

#include "base/fork.hpp"

namespace vfslock::impl::local {

// Leaked on purpose: descriptors may be closed while static objects are destroyed.
struct Descriptor::List {
  pthread_rwlock_t opening;  // shared: a descriptor is being made; exclusive: a fork
  std::mutex mutex;          // the links
  Descriptor *first = nullptr;

  void make_opening() noexcept {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    // Else threads that lock all the time would keep a fork waiting for ever.
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&opening, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }

  List() {
    make_opening();
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
          for (Descriptor *at = list_.first; at; at = at->next_) os.close(at->fd_);
          list_.first = nullptr;
          list_.mutex.unlock();
          // Made anew: glibc knows the writer by its thread id, which is another one in the child, and would take
          // an unlock for a reader's.
          list_.make_opening();
        });
  }
};

// At load: a fork must never find it half made.
Descriptor::List &Descriptor::list_ = *new List;

Descriptor::NoFork::NoFork() noexcept { pthread_rwlock_rdlock(&list_.opening); }
Descriptor::NoFork::~NoFork() { pthread_rwlock_unlock(&list_.opening); }

void Descriptor::enlist(int fd) noexcept {
  generation_ = fork_generation();
  const std::lock_guard hold(list_.mutex);
  fd_ = fd;
  previous_ = nullptr;
  next_ = list_.first;
  if (next_) next_->previous_ = this;
  list_.first = this;
}

void Descriptor::delist() noexcept {
  const std::lock_guard hold(list_.mutex);
  if (previous_) {
    previous_->next_ = next_;
  } else {
    list_.first = next_;
  }
  if (next_) next_->previous_ = previous_;
}

bool Descriptor::forked() const noexcept { return fd_ >= 0 && generation_ != fork_generation(); }

void Descriptor::raise() noexcept {
  if (fd_ >= high_descriptor) return;
  const NoFork no_fork;
  const int high = os.duplicate(fd_, F_DUPFD_CLOEXEC, high_descriptor);
  if (high < 0) return;
  os.close(fd_);
  fd_ = high;  // no mutex: only a fork's child reads it from elsewhere
}

void Descriptor::close() noexcept {
  if (fd_ < 0) return;
  if (!forked()) {
    const NoFork no_fork;
    delist();
    os.close(fd_);
  }
  fd_ = -1;
}

void Descriptor::forget() noexcept {
  if (fd_ < 0) return;
  if (!forked()) delist();
  fd_ = -1;
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

bool LockFile::still_there() const noexcept {
  struct stat st {};
  return is_open() && !forked() && os.fstat(fd(), &st) == 0 && id_of(st) == id_;
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
