#pragma once
// Locks on Amazon S3 and on what speaks its protocol: conditional PUT and DELETE on the record's object (BACKENDS §1).
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "base/uri.hpp"
#include "storage/registry.hpp"

namespace vfslock::impl {

enum class Probing { automatic, never, always };
enum class AddressStyle { automatic, path, virtual_host };

struct S3Settings {
  std::string endpoint, region, profile;
  std::string access_key;
  Secret secret_key, session_token;
  AddressStyle style = AddressStyle::automatic;
  Probing probing = Probing::automatic;
  std::string state_dir;
  bool allow_insecure = false;
  std::string ca_file, proxy, user_agent;
  std::string sse, sse_kms_key, storage_class, bucket_owner, tags;  // headers of each write; "": not sent
  bool request_payer = false;
};

Result<S3Settings> s3_settings(const Settings &settings);

// What one client has open on S3: connections, credentials, and what was learned of buckets.
class S3;
Result<std::shared_ptr<S3>> open_s3_client(const Settings &settings);

Result<Place> open_s3(const std::shared_ptr<S3> &s3, const Location &location, std::string_view pattern);

}  // namespace vfslock::impl
