#include "storage/lock_name.hpp"

namespace vfslock::impl {
namespace {

constexpr std::string_view slot = "{name}";

Error bad_pattern(std::string_view pattern, const char *why) {
  return Error{Status::INVALID_ARGUMENT, "lock.name is \"" + std::string(pattern) + "\", but it must " + why +
                                             ", as in \"" + std::string(default_lock_pattern) + "\""};
}

}  // namespace

Result<std::string> lock_name(std::string_view path, std::string_view pattern) {
  const std::size_t at = pattern.find(slot);
  if (at == std::string_view::npos || pattern.find(slot, at + 1) != std::string_view::npos)
    return bad_pattern(pattern, "hold {name} exactly once");
  if (pattern == slot) return bad_pattern(pattern, "differ from the name of the file itself");
  for (const char c : pattern)
    if (c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return bad_pattern(pattern, "hold neither '/' nor control characters");

  const std::size_t slash = path.rfind('/');
  const std::size_t name_at = slash == std::string_view::npos ? 0 : slash + 1;
  if (path.empty()) return Error{Status::INVALID_URI, "no name to lock: name an object, as in mem://name/object"};
  if (name_at == path.size())
    return Error{Status::INVALID_URI,
                 "\"" + std::string(path) + "\" ends in '/': name an object, or the prefix without its slash"};
  std::string out(path.substr(0, name_at));
  out.append(pattern.substr(0, at)).append(path.substr(name_at)).append(pattern.substr(at + slot.size()));
  return out;
}

std::optional<std::string> locked_name(std::string_view lock, std::string_view pattern) {
  const std::size_t at = pattern.find(slot);
  const std::string_view before = pattern.substr(0, at), after = pattern.substr(at + slot.size());
  const std::size_t name_at = lock.rfind('/') == std::string_view::npos ? 0 : lock.rfind('/') + 1;
  const std::string_view name = lock.substr(name_at);
  const bool fits = name.size() > before.size() + after.size() && name.substr(0, before.size()) == before &&
                    name.substr(name.size() - after.size()) == after;
  if (!fits) return std::nullopt;
  return std::string(lock.substr(0, name_at)) +
         std::string(name.substr(before.size(), name.size() - before.size() - after.size()));
}

}  // namespace vfslock::impl
