#include "storage/object/s3/names.hpp"

#include <algorithm>

namespace vfslock::impl::s3 {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_ipv4(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

Result<Done> check_bucket(std::string_view name) {
  const auto wrong = [&](const char *why) {
    return Error{Status::INVALID_URI, "\"" + std::string(name.substr(0, 100)) + "\" is no bucket's name: " + why +
                                          "; write s3://bucket/key"};
  };
  if (name.empty()) return wrong("there is none");
  if (name.find('@') != std::string_view::npos || name.find(':') != std::string_view::npos)
    return wrong(
        "it has neither user nor port (the endpoint is set by s3.endpoint or AWS_ENDPOINT_URL_S3), and no ARN");
  if (name.size() < 3 || name.size() > 63) return wrong("it has 3 to 63 characters");
  for (const char c : name)
    if (!is_lower_or_digit(c) && c != '-' && c != '.')
      return wrong("it has lower-case letters, digits, '-' and '.' only");
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back()))
    return wrong("it begins and ends with a letter or digit");
  if (name.find("..") != std::string_view::npos) return wrong("it has no two dots beside each other");
  if (is_ipv4(name)) return wrong("it must not look like an IP address");
  constexpr std::string_view directory = "--x-s3";
  if (name.size() > directory.size() && name.substr(name.size() - directory.size()) == directory)
    return Error{Status::UNSUPPORTED, "\"" + std::string(name) +
                                          "\" is a directory bucket, whose deletes do not compare: use a "
                                          "general purpose bucket"};
  return Done{};
}

Result<Done> check_key(std::string_view key) {
  if (key.size() <= longest_key) return Done{};
  return Error{Status::INVALID_URI, "the lock's key has " + std::to_string(key.size()) +
                                        " bytes, but S3 takes at most " + std::to_string(longest_key) +
                                        ", the ending of the lock's name included"};
}

}  // namespace vfslock::impl::s3
