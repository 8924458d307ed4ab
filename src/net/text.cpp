#include "net/text.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "base/utf8.hpp"

namespace vfslock::impl::net {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Status status_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return Status::NOT_FOUND;
    case EACCES:
    case EPERM: return Status::PERMISSION_DENIED;
    default: return Status::UNAVAILABLE;
  }
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char &c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string printable(std::string_view text, std::size_t longest) {
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() < longest;) {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0 || is_control(text[at])) out += ' ';
    else out.append(text.substr(at, length));
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

bool has_control_bytes(std::string_view text) { return std::any_of(text.begin(), text.end(), is_control); }

Result<std::string> read_file(const std::string &path) {
  constexpr std::size_t longest = 64 * 1024;
  const auto failed = [&](int error_number) {
    return errno_error(status_of(error_number), "cannot read " + path, error_number);
  };
  const OwnedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.fd < 0) return failed(errno);
  struct stat st {};
  if (fstat(file.fd, &st) != 0) return failed(errno);
  if (S_ISDIR(st.st_mode)) return Error{Status::INVALID_ARGUMENT, path + " is a directory: a file is wanted there"};
  std::string out;
  const int error_number = read_whole(file.fd, longest, out);
  if (error_number == EFBIG) return Error{Status::INVALID_ARGUMENT, path + " is longer than 64 KiB"};
  if (error_number != 0) return failed(error_number);
  return out;
}

}  // namespace vfslock::impl::net
