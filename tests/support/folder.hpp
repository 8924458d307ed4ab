#pragma once
// A directory for one test, on a disk and in memory, removed with all that is in it.
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace vfslock::impl::test {

class Folder {
 public:
  explicit Folder(const std::string &base) : path_(base + "/vfslock-test-XXXXXX") {
    if (!mkdtemp(path_.data())) throw std::runtime_error("no directory could be made in " + base);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  const std::string &path() const { return path_; }
  std::string at(const std::string &name) const { return path_ + "/" + name; }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto &entry : std::filesystem::directory_iterator(path_)) out.push_back(entry.path().filename());
    return out;
  }

 private:
  std::string path_;
};

// Where tests make their directories: a disk ($TMPDIR, else where the tests run) and tmpfs where there is one.
inline const std::vector<std::string> &bases() {
  static const std::vector<std::string> all = [] {
    const char *given = std::getenv("TMPDIR");
    std::vector<std::string> out{given && *given ? given : std::filesystem::current_path().string()};
    if (access("/dev/shm", W_OK) == 0) out.push_back("/dev/shm");
    return out;
  }();
  return all;
}

}  // namespace vfslock::impl::test
