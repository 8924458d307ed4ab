#include "base/state_files.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using vfslock::impl::StateFiles;

namespace {

class Folder {
 public:
  Folder() { REQUIRE(mkdtemp(path_.data())); }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string &path() const { return path_; }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto &entry : std::filesystem::directory_iterator(path_)) out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }

  void make(const std::string &name, int days_ago) const {
    const std::string whole = path_ + "/" + name;
    std::ofstream(whole) << "text";
    const timespec then{std::time(nullptr) - days_ago * 24 * 60 * 60, 0};
    const timespec both[] = {then, then};
    REQUIRE(utimensat(AT_FDCWD, whole.c_str(), both, 0) == 0);
  }

 private:
  std::string path_ = "state-files.XXXXXX";
};

}  // namespace

TEST_CASE("what is kept is read back by name and kind, and may go") {
  const Folder folder;
  const StateFiles files(folder.path() + "/below");
  CHECK_FALSE(files.read("seen", "a"));
  files.write("seen", "a", "one");
  files.write("seen", "a", "two");
  files.write("probe", "a", "three");
  CHECK(files.read("seen", "a") == "two");
  CHECK(files.read("probe", "a") == "three");
  CHECK_FALSE(files.read("seen", "b"));
  files.remove("seen", "a");
  CHECK_FALSE(files.read("seen", "a"));
  struct stat st {};
  REQUIRE(stat((folder.path() + "/below").c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0700);
}

TEST_CASE("with a new file go the old ones of its kind, and nothing else") {
  const Folder folder;
  const std::string digits = "0123456789abcdef0123456789abcdef", more = "fedcba9876543210fedcba9876543210";
  for (const std::string &gone : {"seen-" + digits, "seen-" + digits + ".1234"}) folder.make(gone, 31);
  folder.make("seen-" + more, 29);
  const std::vector<std::string> others = {"seen", "seen-", "seen-old", "probe-" + digits, "seen-" + digits + "0",
                                           "unseen-" + digits, "seen-" + digits.substr(1) + "g"};
  for (const std::string &name : others) folder.make(name, 400);
  std::filesystem::create_symlink("nowhere", folder.path() + "/seen-" + std::string(32, 'a'));
  const StateFiles files(folder.path());
  const auto before = folder.names();

  files.write("seen", "new", "text");
  const auto after = folder.names();
  CHECK(after.size() == before.size() - 2 + 1);
  CHECK_FALSE(std::binary_search(after.begin(), after.end(), "seen-" + digits));
  CHECK(std::binary_search(after.begin(), after.end(), "seen-" + more));
  for (const std::string &name : others) CHECK(std::binary_search(after.begin(), after.end(), name));

  folder.make("seen-" + digits, 31);
  files.write("seen", "new", "text once more");  // no new one
  CHECK(folder.names().size() == after.size() + 1);
}
