#include "storage/object/s3/endpoint.hpp"

#include "net/aws/region.hpp"

namespace vfslock::impl::s3 {
namespace {

struct Found {
  std::string value;
  std::string source;
};

std::optional<Found> configured_endpoint(const S3Settings &settings, const net::Environment &environment,
                                         const net::AwsProfile &profile) {
  if (!settings.endpoint.empty()) return Found{settings.endpoint, "s3.endpoint"};
  const std::string ignored = environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("false");
  if (ignored == "true" || ignored == "TRUE" || ignored == "True") return std::nullopt;
  for (const char *name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"})
    if (auto value = environment(name)) return Found{*value, std::string("the environment variable ") + name};
  if (auto value = profile.service("s3", "endpoint_url")) return Found{*value, "services of " + profile.where()};
  if (auto value = profile.value("endpoint_url")) return Found{*value, "endpoint_url of " + profile.where()};
  return std::nullopt;
}

}  // namespace

bool is_private(const net::Address &address) { return address.tls || net::is_loopback(address); }

Endpoint::Target Endpoint::target(const std::string &bucket, const std::string &in_region) const {
  const bool dotted = bucket.find('.') != std::string::npos;  // no certificate covers such a host
  Target out;
  if (is_aws)
    out.address.host =
        "s3." + in_region + (in_region.compare(0, 3, "cn-") == 0 ? ".amazonaws.com.cn" : ".amazonaws.com");
  else out.address = custom;
  const bool by_host = style == AddressStyle::virtual_host || (style == AddressStyle::automatic && is_aws && !dotted);
  if (by_host) out.address.host = bucket + "." + out.address.host;
  else out.path_prefix = "/" + bucket;
  return out;
}

Result<Endpoint> find_endpoint(const S3Settings &settings, const net::Environment &environment,
                               const net::AwsProfile &profile) {
  Endpoint out;
  out.style = settings.style;
  auto region = net::aws_region(settings.region, environment, profile);
  if (!region) return region.error();
  out.region = std::move(region->name);
  out.region_source = std::move(region->source);
  const auto endpoint = configured_endpoint(settings, environment, profile);
  out.source = endpoint ? endpoint->source : "AWS, by region";
  if (!endpoint) return out;

  auto address = net::parse_address(endpoint->value, endpoint->source);
  if (!address) return address.error();
  if (!is_private(*address) && !settings.allow_insecure)
    return Error{Status::INVALID_ARGUMENT,
                 endpoint->source + " is " + address->origin() +
                     ": without TLS anybody on the way may read and change what is sent; write https://, "
                     "or set net.allow_insecure to true"};
  const std::string &host = address->host;
  const auto ends = [&](std::string_view tail) {
    return host.size() > tail.size() && std::string_view(host).substr(host.size() - tail.size()) == tail;
  };
  out.is_aws = false;
  out.is_trusted = address->tls && (ends(".amazonaws.com") || ends(".amazonaws.com.cn"));
  out.custom = std::move(*address);
  return out;
}

}  // namespace vfslock::impl::s3
