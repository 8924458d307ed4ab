#pragma once
// The profile files of AWS's tools: ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE and
// AWS_SHARED_CREDENTIALS_FILE say. Read here and not by inih, whose Debian build cuts a line after 200 bytes: session
// tokens are longer.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/environment.hpp"

namespace vfslock::impl::net {

class AwsProfile {
 public:
  // `name`: key of the client; "" means AWS_PROFILE, else AWS_DEFAULT_PROFILE, else "default". A file that is not there
  // is an empty one; a profile asked for by name that no file has, a file that cannot be read and a garbled one are
  // errors that name the file, and the line.
  static Result<std::shared_ptr<const AwsProfile>> read(const std::string &name, const Environment &environment);

  const std::string &name() const { return name_; }
  // A value of the profile (the credentials file goes first), without white space at its ends; nullopt where it is
  // empty.
  std::optional<std::string> value(std::string_view key) const;
  // Of the services section that the profile names: service("s3", "endpoint_url").
  std::optional<std::string> service(std::string_view service, std::string_view key) const;
  std::string where() const;  // for messages: "profile \"dev\" (FILE, FILE)"

 private:
  using Section = std::map<std::string, std::string, std::less<>>;
  using Sections = std::map<std::string, Section, std::less<>>;
  static Result<Sections> parse(const std::string &file, const std::string &text);
  static Result<Sections> load(const std::string &file);

  std::string name_, files_;
  Section values_;
  Section services_;  // "s3.endpoint_url"
};

}  // namespace vfslock::impl::net
