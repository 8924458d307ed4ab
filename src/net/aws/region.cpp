#include "net/aws/region.hpp"

#include <algorithm>

namespace vfslock::impl::net {
namespace {

AwsRegion configured(const std::string &given, const Environment &environment, const AwsProfile &profile) {
  if (!given.empty()) return {given, "s3.region"};
  for (const char *name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto value = environment(name)) return {*value, std::string("the environment variable ") + name};
  if (auto value = profile.value("region")) return {*value, "region of " + profile.where()};
  return {"us-east-1", "built in; a bucket elsewhere tells its own"};
}

}  // namespace

bool is_aws_region(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 32 && plain(text.front()) && plain(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || c == '-'; });
}

Result<AwsRegion> aws_region(const std::string &given, const Environment &environment, const AwsProfile &profile) {
  AwsRegion region = configured(given, environment, profile);
  if (is_aws_region(region.name)) return region;
  return Error{Status::INVALID_ARGUMENT, "the region from " + region.source + " is none: it has lower-case letters, "
                                         "digits and '-', as in eu-central-1"};
}

}  // namespace vfslock::impl::net
