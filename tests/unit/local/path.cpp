// DESIGN §1's table, the rows of local paths.
#include <doctest/doctest.h>

#include "storage/local/path.hpp"
#include "support/local_site.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;
using local::find_target;

namespace {

// The working directory for one test.
class Inside {
 public:
  explicit Inside(const std::string &path) : before_(std::filesystem::current_path()) { std::filesystem::current_path(path); }
  ~Inside() { std::filesystem::current_path(before_); }

 private:
  std::filesystem::path before_;
};

std::string target(const std::string &path) {
  auto found = find_target(path, "{name}.lock");
  return found ? found->directory + " " + found->key : found.error().message;
}

}  // namespace

TEST_CASE("a path is taken byte for byte") {
  CHECK(target("/d/a%41?x#y") == "/d a%41?x#y.lock");
  CHECK(target("/d/caf\xff\n") == "/d caf\xff\n.lock");
  CHECK(target("x") == ". x.lock");
  CHECK(target("./x") == ". x.lock");
  CHECK(target("../x") == ".. x.lock");
  CHECK(target("/x") == "/ x.lock");
  CHECK(target("//x") == "/ x.lock");
  CHECK(target("/d//e///x") == "/d//e x.lock");
}

TEST_CASE("a trailing slash names the same lock, whatever is there") {
  CHECK(target("/d/dir/") == "/d dir.lock");
  CHECK(target("/d/dir///") == "/d dir.lock");
  CHECK(target("dir/") == ". dir.lock");
}

TEST_CASE("a last . or .. is resolved first") {
  const Folder folder(bases()[0]);
  std::filesystem::create_directories(folder.at("d/x"));
  const std::string real = std::filesystem::canonical(folder.path());
  CHECK(target(folder.at("d/x/..")) == real + " d.lock");
  CHECK(target(folder.at("d/x/../")) == real + " d.lock");
  CHECK(target(folder.at("d/x/.")) == real + "/d x.lock");
  const Inside inside(folder.at("d"));
  CHECK(target(".") == real + " d.lock");
  CHECK(target("..") == std::filesystem::path(real).parent_path().string() + " " +
                            std::filesystem::path(real).filename().string() + ".lock");
  CHECK(find_target("nothing/..", "{name}.lock").error().status == Status::NOT_FOUND);
}

TEST_CASE("a link as the last name is not followed, but its . is the directory it points to") {
  const Folder folder(bases()[0]);
  std::filesystem::create_directories(folder.at("d"));
  std::filesystem::create_directory_symlink("d", folder.at("link"));
  CHECK(target(folder.at("link")) == folder.path() + " link.lock");
  CHECK(target(folder.at("link/")) == folder.path() + " link.lock");
  CHECK(target(folder.at("link/.")) == std::filesystem::canonical(folder.path()).string() + " d.lock");
}

TEST_CASE("what has no lock beside it is refused, and says what would have one") {
  for (const char *path : {"/", "///", "/.", "/.."}) {
    CAPTURE(path);
    auto found = find_target(path, "{name}.lock");
    REQUIRE_FALSE(found);
    CHECK(found.error().status == Status::INVALID_ARGUMENT);
    CHECK(found.error().message.find("root directory") != std::string::npos);
  }
  CHECK(find_target("", "{name}.lock").error().status == Status::INVALID_ARGUMENT);
  CHECK(find_target(std::string("a\0b", 3), "{name}.lock").error().status == Status::INVALID_ARGUMENT);
}

TEST_CASE("names: 255 bytes with .lock are legal, 256 are refused with the figure; our own temporaries are ours") {
  CHECK(find_target("/d/" + std::string(250, 'n'), "{name}.lock"));
  auto found = find_target("/d/" + std::string(251, 'n'), "{name}.lock");
  REQUIRE_FALSE(found);
  CHECK(found.error().status == Status::INVALID_ARGUMENT);
  CHECK(found.error().message.find("256 bytes") != std::string::npos);
  CHECK(find_target("/d/1f", ".vfslock.{name}").error().status == Status::INVALID_ARGUMENT);
  CHECK(find_target("/d/.vfslock.1f", "{name}.lock"));
  CHECK(find_target("/d/x", "lock").error().status == Status::INVALID_ARGUMENT);
}

TEST_CASE("one lock has one identity, whatever spelling led to it; the parent is resolved when it is opened") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    const Folder folder(base);
    std::filesystem::create_directories(folder.at("d"));
    std::filesystem::create_directories(folder.at("e"));
    std::filesystem::create_directory_symlink("d", folder.at("link"));
    const Place place = open_at(folder.at("d/x"));
    const Place other = open_at(folder.at("link/x/"));
    CHECK(place.store->identity(place.key) == other.store->identity(other.key));
    const Place beside = open_at(folder.at("e/x"));
    CHECK(place.store->identity(place.key) != beside.store->identity(beside.key));

    // The link points elsewhere now: a lock taken before is released where it was taken.
    TenurePtr tenure;
    auto put = other.store->put(other.key, text("a"), IfAbsent{}, Step::begin, tenure, soon());
    REQUIRE(landed(put));
    std::filesystem::remove(folder.at("link"));
    std::filesystem::create_directory_symlink("e", folder.at("link"));
    CHECK(exists(folder.at("d/x.lock")));
    CHECK(done(other.store->remove(other.key, std::get<Landed>(*put).version, tenure, soon())));
    CHECK_FALSE(exists(folder.at("d/x.lock")));
    const Place moved = open_at(folder.at("link/x"));
    CHECK(moved.store->identity(moved.key) == beside.store->identity(beside.key));
  }
}
