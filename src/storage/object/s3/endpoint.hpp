#pragma once
// Where requests go: AWS's own endpoints, or the one that the user names as AWS's tools take it.
#include <string>

#include "net/address.hpp"
#include "net/aws/profile.hpp"
#include "net/environment.hpp"
#include "storage/object/s3/s3.hpp"

namespace vfslock::impl::s3 {

struct Endpoint {
  bool is_aws = true;      // AWS's own, which follows the region
  bool is_trusted = true;  // AWS, over TLS, by whatever address: its conditions need no probe
  net::Address custom;     // else this one
  std::string region;      // to begin with: a bucket elsewhere says so
  std::string source;      // for people: what named the endpoint
  std::string region_source;
  AddressStyle style = AddressStyle::automatic;

  // For requests to the bucket. `prefix` of the path is "" or "/bucket".
  struct Target {
    net::Address address;
    std::string path_prefix;
  };
  Target target(const std::string &bucket, const std::string &in_region) const;
};

// key > AWS_ENDPOINT_URL_S3 > AWS_ENDPOINT_URL > the profile's; region: key > AWS_REGION > AWS_DEFAULT_REGION >
// profile.
Result<Endpoint> find_endpoint(const S3Settings &settings, const net::Environment &environment,
                               const net::AwsProfile &profile);

// RELIABILITY §3, §10: what the server says of its clock can be trusted.
bool is_private(const net::Address &address);

}  // namespace vfslock::impl::s3
