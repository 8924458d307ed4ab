#pragma once
// The library as a program uses it: default options, through the C interface.
#include <vfslock/vfslock.h>

#include <stdexcept>
#include <string>

namespace bench {

class Subject {
 public:
  Subject(const std::string &folder, bool keep) : file_(folder + "/data") {
    vfslock_options_new(&options_, nullptr);
    vfslock_options_set_keep_record(options_, keep ? 1 : 0, nullptr);
  }
  ~Subject() { vfslock_options_free(options_); }
  Subject(const Subject &) = delete;
  Subject &operator=(const Subject &) = delete;

  vfslock_lock *acquire(std::int64_t wait_ms) {
    vfslock_lock *lock = nullptr;
    vfslock_error *err = nullptr;
    if (vfslock_acquire(nullptr, file_.c_str(), options_, wait_ms, nullptr, &lock, &err) == VFSLOCK_OK) return lock;
    const std::string why = err ? vfslock_error_message(err) : "no memory";
    vfslock_error_free(err);
    throw std::runtime_error("acquire: " + why);
  }
  void release(vfslock_lock *lock) {
    const vfslock_status status = vfslock_lock_release(lock, VFSLOCK_OWN_BOUND, nullptr, nullptr);
    vfslock_lock_free(lock);
    if (status != VFSLOCK_OK) throw std::runtime_error(std::string("release: ") + vfslock_status_name(status));
  }
  void once() { release(acquire(VFSLOCK_NO_WAIT)); }

 private:
  std::string file_;
  vfslock_options *options_ = nullptr;
};

}  // namespace bench
