#include "storage/local/tenure.hpp"

#include "storage/local/guard.hpp"
#include "storage/local/record.hpp"

namespace vfslock::impl::local {

LocalTenure::~LocalTenure() {
  for (LockFile *file : {&life, &second_})
    if (file->is_identified() && file->is_open() && !file->forked() && file->verify() == EBADF) file->forget();
  // The close of a writable descriptor wakes the waiters, but not while a child has it too.
  if (inherited_ && life.holds(Range::life) && !life.forked()) let_go();
}

Result<Done> LocalTenure::check() const {
  if (life.forked())
    return Error{Status::FORKED, "the lock of " + shown(directory_->where(key_)) +
                                     " is held by the parent process of this fork: acquire it anew"};
  for (const LockFile *file : {&life, &second_}) {
    if (file == &second_ && !inherited_) continue;
    const int error_number = file->verify();
    if (error_number == EBADF) return descriptor_gone(*directory_, key_);
    if (error_number != 0) return os_error("look at", directory_->where(key_), error_number);
  }
  return Done{};
}

Result<int> LocalTenure::inherit() {
  const std::lock_guard hold(busy);
  if (auto mine = check(); !mine) return mine.error();
  if (!life.holds(Range::life))
    return Error{Status::LOST, "the lock of " + shown(directory_->where(key_)) + " is not held any more"};
  if (!second_.is_open()) {
    struct stat st {};
    const int error_number = second_.open(directory_->fd(), key_.c_str(), O_RDWR | safely);
    const bool same = error_number == 0 && second_.identify(st) == 0 && second_.id() == life.id();
    if (!same) second_.close();
    if (error_number != 0 && error_number != ENOENT) return os_error("open", directory_->where(key_), error_number);
    if (!same)
      return Error{Status::LOST, shown(directory_->where(key_)) + " is not this lock's record any more: it was lost"};
    second_.raise();
  }
  inherited_ = true;
  int copy = os.duplicate(life.fd(), F_DUPFD, high_descriptor);
  if (copy < 0) copy = os.duplicate(life.fd(), F_DUPFD, 3);
  if (copy < 0) return os_error("make a descriptor for a child of", directory_->where(key_), errno);
  return copy;
}

void LocalTenure::let_go() noexcept {
  life.unlock(Range::life);
  os.futimens(life.fd(), nullptr);  // its IN_ATTRIB wakes waiters, unlocking does not
}

void LocalTenure::end() noexcept {
  // Byte 0 before byte 1, or both at once: who gets the guard finds nobody living here.
  life.close();
  second_.close();
}

}  // namespace vfslock::impl::local
