#include "storage/listing.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "storage/lock_name.hpp"

namespace vfslock::impl {
namespace {

constexpr std::size_t page_size = 1000;

class Objects final : public Listing {
 public:
  Objects(Place folder, Location prefix, std::string pattern)
      : store_(std::move(folder.store)),
        prefix_(folder.key.substr(0, folder.key.rfind('/') + 1)),
        location_(std::move(prefix)),
        pattern_(std::move(pattern)) {}

  Result<std::optional<Found>> next(const Call &call) override {
    for (;;) {
      while (!keys_.empty()) {
        std::string key = std::move(keys_.front());
        keys_.pop_front();
        auto file = locked_name(key, pattern_);
        if (!file) continue;
        Location location = location_;
        location.path = "/" + *file;
        return std::optional<Found>(Found{{store_, std::move(key)}, std::move(location)});
      }
      if (ended_) return std::optional<Found>();
      auto page = store_->list(prefix_, from_, page_size, call);
      if (!page) return page.error();
      keys_.assign(std::make_move_iterator(page->keys.begin()), std::make_move_iterator(page->keys.end()));
      from_ = std::move(page->next);
      ended_ = from_.empty();
    }
  }

 private:
  const std::shared_ptr<Store> store_;
  const std::string prefix_;
  const Location location_;
  const std::string pattern_;
  std::deque<std::string> keys_;
  std::string from_;
  bool ended_ = false;
};

class Directories final : public Listing {
 public:
  Directories(Storages &storages, Location prefix, std::string pattern)
      : storages_(storages), location_(std::move(prefix)), pattern_(std::move(pattern)) {
    pending_.push_back(location_.path.empty() ? "/" : location_.path);
  }

  Result<std::optional<Found>> next(const Call &call) override {
    for (;;) {
      if (!names_.empty()) {
        Location location = location_;
        location.path = std::move(names_.front());
        names_.pop_front();
        auto place = storages_.open(location, {});
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
      if (error_number == ENOENT && !begun_)
        return Error{Status::NOT_FOUND, "there is no directory " + directory};
      if (error_number == ENOENT) return Done{};  // it went meanwhile
      return Error{error_number == EACCES ? Status::PERMISSION_DENIED : Status::UNAVAILABLE,
                   "cannot list the directory " + directory + ": " + std::strerror(error_number)};
    }
    begun_ = true;
    // As people write them: "a", not "./a".
    const std::string before = directory == "/" ? directory : directory == "." ? "" : directory + "/";
    std::set<std::string> files, directories;
    while (const dirent *entry = readdir(entries.get())) {
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

  Storages &storages_;
  const Location location_;
  const std::string pattern_;
  std::deque<std::string> names_, pending_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Listing> list_objects(Place folder, const Location &prefix, std::string pattern) {
  return std::make_unique<Objects>(std::move(folder), prefix, std::move(pattern));
}

std::unique_ptr<Listing> list_directories(Storages &storages, const Location &prefix, std::string pattern) {
  return std::make_unique<Directories>(storages, prefix, std::move(pattern));
}

}  // namespace vfslock::impl
