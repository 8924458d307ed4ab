#pragma once
// What one client of the library has open on S3.
#include <map>
#include <memory>
#include <string>

#include "base/state_files.hpp"
#include "net/aws/credentials.hpp"
#include "storage/object/s3/endpoint.hpp"

namespace vfslock::impl {

namespace s3 {
class Bucket;
}

class S3 : public std::enable_shared_from_this<S3> {
 public:
  S3(S3Settings settings, s3::Endpoint endpoint, net::HttpSettings http_settings);
  ~S3();

  std::shared_ptr<s3::Bucket> bucket(const std::string &name);  // keeps this alive

  const S3Settings settings;
  const s3::Endpoint endpoint;
  const std::shared_ptr<net::Http> http;
  net::AwsCredentials credentials;
  const StateFiles files;

 private:
  std::map<std::string, std::unique_ptr<s3::Bucket>> buckets_;  // guarded by net::mutex()
};

}  // namespace vfslock::impl
