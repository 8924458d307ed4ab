#pragma once
// The library's objects, freed by themselves.
#include <memory>

#include <vfslock/vfslock.h>

namespace vfslock::cli {

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T *object) const {
    free_function(object);
  }
};

using Client = std::unique_ptr<vfslock_client, Free<vfslock_client_free>>;
using Options = std::unique_ptr<vfslock_options, Free<vfslock_options_free>>;
using Cancel = std::unique_ptr<vfslock_cancel, Free<vfslock_cancel_free>>;
using Record = std::unique_ptr<vfslock_record, Free<vfslock_record_free>>;
using Error = std::unique_ptr<vfslock_error, Free<vfslock_error_free>>;
using List = std::unique_ptr<vfslock_list, Free<vfslock_list_free>>;
using Report = std::unique_ptr<vfslock_report, Free<vfslock_report_free>>;

// Gives the lock back quietly when nobody did it and said how it went.
struct CloseLock {
  void operator()(vfslock_lock *lock) const { vfslock_lock_close(lock, VFSLOCK_OWN_BOUND); }
};
using Lock = std::unique_ptr<vfslock_lock, CloseLock>;

// A smart pointer as a `ret_*` output: vfslock_options_new(Out(options), Out(error)). Set at the statement's end.
template <class Owner>
class Out {
 public:
  explicit Out(Owner &owner) : owner_(owner) {}
  ~Out() { owner_.reset(raw_); }
  Out(const Out &) = delete;
  Out &operator=(const Out &) = delete;
  operator typename Owner::pointer *() { return &raw_; }

 private:
  Owner &owner_;
  typename Owner::pointer raw_ = nullptr;
};
template <class Owner>
Out(Owner &) -> Out<Owner>;

}  // namespace vfslock::cli
