#pragma once
// Wakes the main loop from another thread.
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace vfslock::cli {

class Bell {
 public:
  Bell() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~Bell() { ::close(event_); }
  Bell(const Bell &) = delete;
  Bell &operator=(const Bell &) = delete;

  void ring() noexcept {
    const std::uint64_t one = 1;
    (void)!::write(event_, &one, sizeof one);  // fails only when it rings already
  }
  void silence() noexcept {
    std::uint64_t count;
    (void)!::read(event_, &count, sizeof count);
  }
  int descriptor() const { return event_; }

 private:
  int event_;
};

}  // namespace vfslock::cli
