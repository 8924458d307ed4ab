#include "storage/object/s3/client.hpp"

#include <mutex>

#include "net/mutex.hpp"
#include "storage/lock_name.hpp"
#include "storage/object/s3/bucket.hpp"
#include "storage/object/s3/names.hpp"
#include "storage/object/s3/store.hpp"

namespace vfslock::impl {
namespace {

// As AWS's tools and OpenSSL's have it; "" is where this system keeps them.
std::string ca_file(const S3Settings &settings, const net::Environment &environment, const net::AwsProfile &profile) {
  if (!settings.ca_file.empty()) return settings.ca_file;
  if (auto file = environment("AWS_CA_BUNDLE")) return *file;
  if (auto file = profile.value("ca_bundle")) return *file;
  return environment("SSL_CERT_FILE").value_or("");
}

}  // namespace

S3::S3(S3Settings given, s3::Endpoint found, net::HttpSettings http_settings)
    : settings(std::move(given)),
      endpoint(std::move(found)),
      http(std::make_shared<net::Http>(std::move(http_settings))),
      credentials({settings.access_key, settings.secret_key, settings.session_token, settings.profile},
                  net::process_environment(), http),
      files(settings.state_dir.empty() ? StateFiles() : StateFiles(settings.state_dir)) {}

S3::~S3() = default;

std::shared_ptr<s3::Bucket> S3::bucket(const std::string &name) {
  auto fresh = std::make_unique<s3::Bucket>(*this, name);
  const std::lock_guard locked(net::mutex());
  return {shared_from_this(), buckets_.emplace(name, std::move(fresh)).first->second.get()};
}

Result<std::shared_ptr<S3>> open_s3_client(const Settings &settings) {
  auto parsed = s3_settings(settings);
  if (!parsed) return parsed.error();
  const net::Environment environment = net::process_environment();
  auto profile = net::AwsProfile::read(parsed->profile, environment);
  if (!profile) return profile.error();
  auto endpoint = s3::find_endpoint(*parsed, environment, **profile);
  if (!endpoint) return endpoint.error();
  net::HttpSettings http{ca_file(*parsed, environment, **profile), parsed->proxy, parsed->user_agent};
  return std::make_shared<S3>(std::move(*parsed), std::move(*endpoint), std::move(http));
}

Result<Place> open_s3(const std::shared_ptr<S3> &s3, const Location &location, std::string_view pattern) {
  if (auto fine = s3::check_bucket(location.authority); !fine) return fine.error();
  const std::string_view path = location.path;
  auto key = lock_name(path.empty() ? path : path.substr(1), pattern);
  if (!key) {
    if (path.size() < 2)
      return Error{Status::INVALID_URI, "s3://" + location.authority + " names no object: write s3://bucket/key"};
    return key.error();
  }
  if (auto fine = s3::check_key(*key); !fine) return fine.error();
  auto store = std::make_shared<s3::S3Store>(s3->bucket(location.authority), *key);
  return Place{std::move(store), std::move(*key)};
}

}  // namespace vfslock::impl
