#pragma once
// The profile files of AWS's tools: ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE and
// AWS_SHARED_CREDENTIALS_FILE say, read by inih.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/environment.hpp"

namespace vfslock::impl::net {

class AwsProfile {
 public:
  // `name`: key of the client; "" means AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". A file that is not there is an
  // empty one; a profile asked for by name that no file has, a file that cannot be read (a directory, no permission) and
  // a garbled one are errors that name file and line.
  static Result<std::shared_ptr<const AwsProfile>> read(std::string name, const Environment &environment);

  const std::string &name() const;
  // A value of the profile (the credentials file goes first), without white space at its ends.
  std::optional<std::string> value(std::string_view key) const;
  // Of the services section that the profile names: service("s3", "endpoint_url").
  std::optional<std::string> service(std::string_view service, std::string_view key) const;
  std::string where() const;  // for messages: "profile \"dev\" in FILE"
};

}  // namespace vfslock::impl::net
