#include "cli/console.hpp"

#include <cerrno>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/text.hpp"

namespace vfslock::cli {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// What cannot be said is not said: a lock is no less held because nobody listens.
void say(std::string_view text) { (void)write_all(STDERR_FILENO, text); }

std::size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

}  // namespace

Console::Console(bool json) : json_(json), live_(!json && ::isatty(STDERR_FILENO)) {}

void Console::tell(const Message &message) {
  const std::lock_guard<std::mutex> hold(mutex_);
  erase();
  if (message.exit_code)
    outcome_ = JsonLine()
                   .text("outcome", message.event)
                   .number("exit_code", *message.exit_code)
                   .text("message", message.text)
                   .str();
  if (!json_) return say("vfslock: " + printable(message.text) + "\n");
  JsonLine line;
  line.text("event", message.event).text("message", message.text);
  if (message.exit_code) line.number("exit_code", *message.exit_code);
  if (message.record) line.raw("record", one_line(vfslock_record_json(message.record)));
  say(line.str() + "\n");
}

std::string Console::outcome() {
  const std::lock_guard<std::mutex> hold(mutex_);
  return outcome_;
}

void Console::show_live(const std::string &line) {
  const std::lock_guard<std::mutex> hold(mutex_);
  // A line that wraps could not be erased; without its last column no terminal wraps.
  const std::string text = cut(printable(line), columns() - 1);
  if (!live_ || text == shown_) return;
  say("\r" + text + "\x1b[K");
  shown_ = text;
}

void Console::erase_live() {
  const std::lock_guard<std::mutex> hold(mutex_);
  erase();
}

void Console::erase() {
  if (!shown_.empty()) say("\r\x1b[K");
  shown_.clear();
}

bool print(const std::string &text) { return write_all(STDOUT_FILENO, text); }

}  // namespace vfslock::cli
