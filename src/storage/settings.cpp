#include "storage/settings.hpp"

namespace vfslock::impl {

std::string_view setting_or(const Settings &settings, std::string_view key, std::string_view built_in) {
  const auto at = settings.find(key);
  return at == settings.end() ? built_in : at->second;
}

Error bad_setting(std::string_view key, std::string_view value, std::string_view what_it_must_be) {
  std::string message(key);
  message.append(" is \"").append(value).append("\", but it must be ").append(what_it_must_be);
  return Error{Status::INVALID_ARGUMENT, std::move(message)};
}

Result<bool> boolean_setting(const Settings &settings, std::string_view key, bool built_in) {
  const std::string_view value = setting_or(settings, key, built_in ? "true" : "false");
  if (value != "true" && value != "false") return bad_setting(key, value, "true or false");
  return value == "true";
}

}  // namespace vfslock::impl
