#pragma once
// Where AWS keys come from, in the order that AWS's own tools look (BACKENDS §1): given ones, environment, web identity,
// profile files (static, credential_process, role by web identity), container endpoint, instance metadata (IMDSv2).
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/call.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/aws/profile.hpp"
#include "net/environment.hpp"
#include "net/http.hpp"

namespace vfslock::impl::net {

struct AwsKeys {
  std::string access_key;
  Secret secret_key;
  Secret session_token;                   // empty: none
  std::optional<WallTime> expires = {};  // nullopt: not told
  std::string source;                    // for people, never a secret: "profile \"dev\" in /home/a/.aws/credentials"
};

struct AwsCredentialSettings {
  std::string access_key;  // keys of the client; with them no other link is asked
  Secret secret_key;
  Secret session_token;
};

// Thread-safe. The first call looks; later ones give the same keys until five minutes before they expire.
class AwsCredentials {
 public:
  AwsCredentials(AwsCredentialSettings settings, Environment environment, std::shared_ptr<const AwsProfile> profile,
                 std::shared_ptr<Http> http);
  ~AwsCredentials();

  // UNAUTHENTICATED lists where was looked and what was found there.
  Result<std::shared_ptr<const AwsKeys>> get(const Call &call);

  // The server refused these keys: the next get() asks their source again, where it could have others.
  void refused(const AwsKeys &keys);
};

}  // namespace vfslock::impl::net
