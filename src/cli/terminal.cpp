#include "cli/terminal.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace vfslock::cli {

Terminal::Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}

Terminal::~Terminal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Terminal::ours() const { return descriptor_ >= 0 && ::tcgetpgrp(descriptor_) == ::getpgrp(); }

bool Terminal::wanted_at_once() const { return ours() && ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO); }

void Terminal::lend(pid_t group) {
  termios modes{};
  if (!modes_ && ::tcgetattr(descriptor_, &modes) == 0) modes_ = modes;
  lent_ = ::tcsetpgrp(descriptor_, group) == 0;
}

bool Terminal::take_back() {
  if (!lent_) return false;
  lent_ = false;
  ::tcsetpgrp(descriptor_, ::getpgrp());
  return true;
}

void Terminal::restore_modes() {
  if (modes_) ::tcsetattr(descriptor_, TCSADRAIN, &*modes_);
}

}  // namespace vfslock::cli
