#pragma once
// What the command says on standard error: messages for people, or one JSON object a line, and the live line of a
// wait.
#include <mutex>
#include <optional>
#include <string>

#include <vfslock/vfslock.h>

namespace vfslock::cli {

struct Message {
  std::string event;  // for programs: "waiting", "acquired", "refused", "at_risk", "lost", "ending", "error", …
  std::string text;   // for people
  const vfslock_record *record = nullptr;
  std::optional<int> exit_code = {};
};

class Console {
 public:
  explicit Console(bool json);

  void tell(const Message &message);
  // The last message that came with an exit code, as JSON; "" when there was none.
  std::string outcome();

  // A live line needs a terminal and somebody who reads.
  bool live() const { return live_; }
  void show_live(const std::string &line);
  void erase_live();

 private:
  void erase();

  const bool json_, live_;
  std::mutex mutex_;  // messages come from handlers too
  std::string shown_, outcome_;
};

// Writes to standard output; false when not all of it could be written (errno says why).
bool print(const std::string &text);

}  // namespace vfslock::cli
