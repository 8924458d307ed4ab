#pragma once
// The directory that holds a lock, opened once and kept; what kind of place it is.
#include <atomic>
#include <memory>
#include <string>

#include <dirent.h>

#include "base/result.hpp"
#include "storage/local/descriptor.hpp"
#include "storage/local/errors.hpp"
#include "storage/local/local.hpp"

namespace vfslock::impl::local {

class Directory {
 public:
  ~Directory();
  Directory(std::string path, const LocalSettings &settings);
  Directory(const Directory &) = delete;
  Directory &operator=(const Directory &) = delete;

  // Once, first. Refuses directories that are not safe or not on a disk of this host alone.
  Result<Done> open();

  // For who waits: a program may have closed all descriptors meanwhile, and have another directory under the number, in
  // which no lock of this one may be looked for or made. Opens it anew where it is the same still.
  void open_if_lost();

  // Once for each device and process: two descriptors must really conflict here.
  Result<Done> prove() const;

  int fd() const { return fd_; }
  const FileId &id() const { return id_; }
  const char *file_system() const { return file_system_; }
  bool copies_up() const { return copies_up_; }  // overlayfs: the first writer moves the file to another layer
  bool durable() const { return settings_.durable; }
  std::string where(const std::string &key) const { return path_ == "/" ? path_ + key : path_ + "/" + key; }
  const std::string &path() const { return path_; }

  // How records must look here (RELIABILITY §10).
  mode_t file_mode() const { return file_mode_; }
  bool shared_group() const { return shared_group_; }
  gid_t group() const { return group_; }
  bool accepts_owner(const struct stat &st) const;

  // Set when files without a name cannot be made or named here; named temporaries serve from then on.
  std::atomic<bool> &only_named() const { return only_named_; }

  // Whether the name is this file's now; no for a name that cannot be looked at.
  bool names(const std::string &key, const FileId &id) const;

  // The entries of it (".") or of a directory in it; null and errno.
  struct CloseEntries {
    void operator()(DIR *entries) const { closedir(entries); }
  };
  std::unique_ptr<DIR, CloseEntries> entries(const char *name) const;

  Result<Done> sync() const;  // durable mode: the names

 private:
  Result<Done> examine();

  int fd_ = -1;
  const std::string path_;
  const LocalSettings settings_;
  FileId id_;
  uid_t owner_ = 0;
  gid_t group_ = 0;
  mode_t file_mode_ = 0600;
  bool shared_group_ = false;
  bool copies_up_ = false;
  const char *file_system_ = "";
  mutable std::atomic<bool> only_named_{false};
};

// Which kind of file system, by its magic number; `proven`: local, and its locks are the kernel's own.
struct FileSystem {
  std::uint32_t magic;
  const char *name;
  bool proven;
};
const FileSystem *find_file_system(std::uint32_t magic);

}  // namespace vfslock::impl::local
