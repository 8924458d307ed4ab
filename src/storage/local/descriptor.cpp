#include "storage/local/descriptor.hpp"

#include <ctime>
#include <mutex>
#include <new>
#include <vector>

#include "base/fork.hpp"

namespace vfslock::impl::local {

// Leaked on purpose: descriptors may be closed while static objects are destroyed.
struct Descriptor::List {
  // Between the opening of a descriptor and its listing there is no fork: `openings` counts those, `forking` keeps new
  // ones out. No rwlock: glibc takes the child's unlock, by another thread id, for a reader's.
  std::atomic<int> openings{0};
  std::atomic<bool> forking{false};
  std::mutex fork_mutex;

  std::mutex mutex;  // of what follows
  std::vector<Descriptor *> by_number;

  List() { on_fork(prepare, parent, child); }

  static void prepare() noexcept {
    list_.fork_mutex.lock();
    list_.forking = true;
    const timespec short_while{0, 20'000};
    while (list_.openings != 0) nanosleep(&short_while, nullptr);
    list_.mutex.lock();
  }
  static void parent() noexcept {
    list_.mutex.unlock();
    list_.forking = false;
    list_.fork_mutex.unlock();
  }
  static void child() noexcept {
    for (Descriptor *&at : list_.by_number) {
      if (at) os.close(at->fd());
      at = nullptr;
    }
    list_.openings = 0;  // a thread that was just being kept out had counted itself
    parent();
  }
};

// At load: a fork must never find it half made.
Descriptor::List &Descriptor::list_ = *new List;

Descriptor::NoFork::NoFork() noexcept {
  while (++list_.openings, list_.forking) {
    --list_.openings;
    list_.fork_mutex.lock();
    list_.fork_mutex.unlock();
  }
}
Descriptor::NoFork::~NoFork() { --list_.openings; }

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
  while (os.lock(fd(), F_OFD_SETLK, &lock) < 0 && errno == EINTR) continue;
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
