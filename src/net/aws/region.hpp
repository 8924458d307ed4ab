#pragma once
#include <string>
#include <string_view>

#include "net/aws/profile.hpp"
#include "net/environment.hpp"

namespace vfslock::impl::net {

// Regions become part of host names: lower-case letters, digits and '-' (RELIABILITY §10).
bool is_aws_region(std::string_view text);

struct AwsRegion {
  std::string name;
  std::string source;  // for people
};

// `given` (a key of the client) > AWS_REGION > AWS_DEFAULT_REGION > the profile's > us-east-1. INVALID_ARGUMENT names
// where one comes from that is none.
Result<AwsRegion> aws_region(const std::string &given, const Environment &environment, const AwsProfile &profile);

}  // namespace vfslock::impl::net
