#include "place.hpp"

#include <dirent.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <system_error>

namespace contention {

Place::Place(const std::string &parent) : path_(parent + "/contention.XXXXXX") {
  if (!mkdtemp(path_.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp in " + parent);
}

Place::~Place() {
  for (const std::string &name : names()) unlink((path_ + "/" + name).c_str());
  rmdir(path_.c_str());
}

std::string Place::file_system() const {
  struct statfs about {};
  if (statfs(path_.c_str(), &about) != 0) return "unknown";
  switch (static_cast<unsigned long>(about.f_type)) {
    case 0xef53: return "ext4";
    case 0x01021994: return "tmpfs";
    case 0x58465342: return "xfs";
    case 0x9123683e: return "btrfs";
    case 0x794c7630: return "overlayfs";
    default: return "type " + std::to_string(about.f_type);
  }
}

void Place::check_left(const std::string &record, std::vector<Finding> &findings) const {
  for (const std::string &name : names()) {
    if (name != record) findings.push_back({"rest", "left behind: " + name});
  }
}

std::vector<std::string> Place::names() const {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir(path_.c_str()), closedir);
  if (!folder) throw std::system_error(errno, std::generic_category(), "opendir " + path_);
  while (const dirent *entry = readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace contention
