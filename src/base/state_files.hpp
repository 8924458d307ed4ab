#pragma once
// What short-lived processes tell each other of a storage: small files in a folder of the user's. Each is written whole
// and may go at any time; whoever reads one checks what it says.
#include <optional>
#include <string>
#include <string_view>

namespace vfslock::impl {

class StateFiles {
 public:
  StateFiles() = default;  // keeps nothing
  explicit StateFiles(std::string folder) : folder_(std::move(folder)) {}

  // `kind` is a word of ours, `name` any bytes. nullopt where nothing (readable, of this user's) is there.
  std::optional<std::string> read(std::string_view kind, std::string_view name) const;

  // Best effort: the folder is made if need be (for this user alone), and a failure costs requests and nothing else. With
  // a new one go those of this kind that nobody has written for 30 days: who made them need not come back for them.
  void write(std::string_view kind, std::string_view name, std::string_view text) const noexcept;
  void remove(std::string_view kind, std::string_view name) const noexcept;

 private:
  std::string path(std::string_view kind, std::string_view name) const;
  void drop_old(std::string_view kind) const;
  std::string folder_;
};

}  // namespace vfslock::impl
