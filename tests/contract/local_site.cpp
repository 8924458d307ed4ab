// The contract suite over local disks and tmpfs, and over a disk that can make no file without a name.
#include <atomic>

#include <fcntl.h>
#include <unistd.h>

#include "site.hpp"
#include "storage/local/local.hpp"
#include "storage/local/os.hpp"
#include "storage/local/tenure.hpp"
#include "support/folder.hpp"

namespace vfslock::impl::contract {
namespace {

class LocalSite : public Site {
 public:
  explicit LocalSite(const std::string &base, const LocalSettings &settings = {}) : folder_(base), settings_(settings) {
    can.life = can.hints = can.mixed_hints = can.padding = can.exact_time = true;
    can.slash_keys = false;
    can.longest_key = 255;
  }
  ~LocalSite() override { local::os = local::real_os; }

  std::shared_ptr<Store> open() override {
    const std::string path = folder_.at("data");
    auto place = open_local(Location{"file", "", path, path}, "{name}.lock", settings_);
    if (!place) throw std::runtime_error(place.error().message);
    return place->store;
  }

  void plant(const std::string &key, const std::string &bytes) override {
    const int fd = ::open(folder_.at(key).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool whole = fd >= 0 && ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    ::close(fd);
    if (!whole) throw std::runtime_error("cannot plant " + key);
  }
  void wipe(const std::string &key) override { ::unlink(folder_.at(key).c_str()); }

  bool end_life(const std::string &, Tenure &tenure) override {
    ::close(dynamic_cast<local::LocalTenure &>(tenure).life.fd());
    return true;
  }

 private:
  const test::Folder folder_;
  const LocalSettings settings_;
};

std::unique_ptr<Site> without_tmpfile() {
  auto site = std::make_unique<LocalSite>(test::bases().front());
  local::os.openat = [](int directory, const char *path, int flags, mode_t mode) {
    if ((flags & O_TMPFILE) == O_TMPFILE) return errno = EOPNOTSUPP, -1;
    return ::openat(directory, path, flags, mode);
  };
  return site;
}

std::atomic<bool> lose_answer;

// Whether what was written is on the disk is what may stay unknown.
class DurableSite final : public LocalSite {
 public:
  DurableSite() : LocalSite(test::bases().back(), [] {  // where it is quick
      LocalSettings settings;
      settings.durable = true;
      return settings;
    }()) {}

  bool lose_next_answer() override {
    lose_answer = true;
    local::os.fsync = [](int fd) {
      struct stat st {};
      const bool visible = ::fstat(fd, &st) == 0 && st.st_nlink > 0;  // a new record is not, before it has its name
      if (visible && lose_answer.exchange(false)) return errno = EIO, -1;
      return ::fsync(fd);
    };
    return true;
  }
};

}  // namespace

const std::vector<SiteKind> &site_kinds() {
  static const std::vector<SiteKind> kinds = {
      {"local-disk", [] { return std::make_unique<LocalSite>(test::bases().front()); }},
      {"local-tmpfs", [] { return std::make_unique<LocalSite>(test::bases().back()); }},
      {"local-without-tmpfile", without_tmpfile},
      {"local-durable", [] { return std::make_unique<DurableSite>(); }},
  };
  return kinds;
}

}  // namespace vfslock::impl::contract
