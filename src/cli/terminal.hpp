#pragma once
// The controlling terminal and whose it is. Only the foreground process group may read it and gets Ctrl-C and Ctrl-Z.
#include <optional>

#include <sys/types.h>
#include <termios.h>

namespace vfslock::cli {

class Terminal {
 public:
  Terminal();  // there may be none
  ~Terminal();
  Terminal(const Terminal &) = delete;
  Terminal &operator=(const Terminal &) = delete;

  int descriptor() const { return descriptor_; }
  bool ours() const;  // whether our process group is the foreground group
  // Whether a command most likely talks to it. Where we stand in a pipeline, its other programs may need it more:
  // then the command gets it once it asks for it.
  bool wanted_at_once() const;

  void lend(pid_t group);   // only while it is ours
  bool lent() const { return lent_; }
  bool take_back();         // whether it had been lent
  void restore_modes();     // as they were when it was first lent: for a command that was killed at its work

 private:
  int descriptor_;
  bool lent_ = false;
  std::optional<termios> modes_;
};

}  // namespace vfslock::cli
