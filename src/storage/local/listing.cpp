// The locks in a directory and in those below it. Symbolic links are not followed.
#include <cerrno>
#include <deque>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "storage/local/errors.hpp"
#include "storage/local/local.hpp"
#include "storage/lock_name.hpp"

namespace vfslock::impl {
namespace local {
namespace {

class Directories final : public Listing {
 public:
  Directories(Location prefix, std::string pattern, LocalSettings settings)
      : location_(std::move(prefix)), pattern_(std::move(pattern)), settings_(settings) {
    pending_.push_back(location_.path.empty() ? "/" : location_.path);
  }

  Result<std::optional<Found>> next(const Call &call) override {
    for (;;) {
      if (!names_.empty()) {
        Location location = location_;
        location.path = std::move(names_.front());
        names_.pop_front();
        auto place = open_local(location, pattern_, settings_);
        if (!place) return place.error();
        return std::optional<Found>(Found{std::move(*place), std::move(location)});
      }
      if (pending_.empty()) return std::optional<Found>();
      if (call.cancel && call.cancel->is_triggered()) return Error{Status::CANCELLED, "the call was cancelled"};
      const std::string directory = std::move(pending_.front());
      pending_.pop_front();
      if (auto read = look_into(directory); !read) return read.error();
    }
  }

 private:
  // Files that are locks to names_, directories to pending_, each in the order of their names.
  Result<Done> look_into(const std::string &directory) {
    const std::unique_ptr<DIR, int (*)(DIR *)> entries(opendir(directory.c_str()), closedir);
    if (!entries) {
      const int error_number = errno;
      if (error_number == ENOENT && begun_) return Done{};  // it went meanwhile
      if (error_number == ENOENT) return errno_error(Status::NOT_FOUND, "there is no directory " + shown(directory), error_number);
      return os_error("list the directory", directory, error_number);
    }
    begun_ = true;
    // As people write them: "a", not "./a".
    const std::string before = directory == "/" ? directory : directory == "." ? "" : directory + "/";
    std::set<std::string> files, directories;
    for (;;) {
      errno = 0;
      const dirent *const entry = readdir(entries.get());
      if (!entry && errno != 0) return os_error("list the directory", directory, errno);
      if (!entry) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat st {};
      const bool known = entry->d_type != DT_UNKNOWN || fstatat(dirfd(entries.get()), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
      const bool is_directory = entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && S_ISDIR(st.st_mode));
      if (!known) continue;
      if (is_directory) directories.insert(before + std::string(name));
      else if (auto file = locked_name(name, pattern_)) files.insert(before + *file);
    }
    names_.assign(files.begin(), files.end());
    pending_.insert(pending_.begin(), directories.begin(), directories.end());
    return Done{};
  }

  const Location location_;
  const std::string pattern_;
  const LocalSettings settings_;
  std::deque<std::string> names_, pending_;
  bool begun_ = false;
};

}  // namespace
}  // namespace local

std::unique_ptr<Listing> list_local(const Location &prefix, std::string pattern, const LocalSettings &settings) {
  return std::make_unique<local::Directories>(prefix, std::move(pattern), settings);
}

}  // namespace vfslock::impl
