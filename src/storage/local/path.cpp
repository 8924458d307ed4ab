#include "storage/local/path.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "storage/local/draft.hpp"
#include "storage/local/errors.hpp"
#include "storage/lock_name.hpp"

namespace vfslock::impl::local {
namespace {

constexpr std::size_t longest_name = 255;  // of every file system that is served here
constexpr std::size_t longest_path = PATH_MAX - 1;

Error no_name(const std::string &path) {
  return Error{Status::INVALID_ARGUMENT, shown(path) + " is the root directory, which has no name and nothing beside it: "
                                                       "name a file or a directory below it"};
}

// Without the slashes at its end; "" for the root directory.
std::string_view trimmed(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Result<Done> check_key(const std::string &key) {
  if (!key.empty() && key != "." && key != ".." && key.find_first_of(std::string_view("/\0", 2)) == std::string::npos)
    return Done{};
  return Error{Status::INVALID_ARGUMENT, "\"" + shown(key) + "\" is no name of a file"};
}

Result<Target> find_target(const std::string &given, std::string_view lock_name_pattern) {
  if (given.empty() || given.find('\0') != std::string::npos)
    return Error{Status::INVALID_ARGUMENT, "a path is neither empty nor holds a NUL byte"};
  std::string path(trimmed(given));
  if (path.empty()) return no_name(given);

  if (const std::string_view last = last_name(path); last == "." || last == "..") {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
    if (!real) return os_error("find the directory", path, errno);
    path = trimmed(real.get());
    if (path.empty()) return no_name(given);
  }

  const std::string_view name = last_name(path);
  auto key = lock_name(name, lock_name_pattern);
  if (!key) return key.error();
  if (key->size() > longest_name)
    return Error{Status::INVALID_ARGUMENT, "the lock of " + shown(given) + " would have a name of " +
                                               std::to_string(key->size()) + " bytes, but a file name has at most " +
                                               std::to_string(longest_name)};
  if (is_temporary(*key))
    return Error{Status::INVALID_ARGUMENT, shown(*key) + " is a name that vfslock keeps for its own temporary files"};

  std::string directory = path.substr(0, path.size() - name.size());
  if (directory.size() > longest_path)
    return Error{Status::INVALID_ARGUMENT, "the directory of the file has a path of " + std::to_string(directory.size()) +
                                               " bytes, but the system takes at most " + std::to_string(longest_path) +
                                               ": name it from a working directory nearer to it"};
  if (directory.size() > 1) directory = trimmed(directory).empty() ? "/" : std::string(trimmed(directory));
  return Target{directory.empty() ? "." : std::move(directory), std::move(*key)};
}

}  // namespace vfslock::impl::local
