#pragma once
// AWS Signature Version 4 for S3, as the vendor's "Signature Calculations for the Authorization Header" has it: paths
// are encoded once and never normalised, and the payload's hash is signed.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.hpp"
#include "net/aws/credentials.hpp"
#include "net/http.hpp"

namespace vfslock::impl::net {

struct AwsRequest {
  std::string method;
  std::string path;                                        // raw bytes: "/bucket/key"
  std::vector<std::pair<std::string, std::string>> query;  // raw bytes
  std::vector<Header> headers;                             // beside Host and x-amz-date, …; all are signed
  std::string body;
};

// Every byte but A-Za-z0-9-_.~ as %XX, and '/' too unless it is to be kept.
std::string aws_encode(std::string_view bytes, bool keep_slash);

std::optional<std::string> aws_decode(std::string_view text);  // '+' is a space here; nullopt where a '%' is no escape

// The request as it goes over the wire to `host`, signed with `keys` at `now` (by the server's clock).
Request aws_sign(const AwsRequest &request, const Address &host, const AwsKeys &keys, const std::string &region,
                 const std::string &service, WallTime now);

}  // namespace vfslock::impl::net
