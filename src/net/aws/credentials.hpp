#pragma once
// Where AWS keys come from, in the order in which AWS's own tools look: given ones, environment, web identity, profile
// files (static, credential_process, role by web identity), container endpoint, instance metadata (IMDSv2).
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  Secret session_token;                  // empty: none
  std::optional<WallTime> expires = {};  // nullopt: not told
  std::string source;                    // for people, never a secret: "profile \"dev\" (FILE, FILE)"
};
bool operator==(const AwsKeys &a, const AwsKeys &b);

struct AwsCredentialSettings {
  std::string access_key;  // keys of the client; with them no other link is asked
  Secret secret_key;
  Secret session_token;
  std::string profile;
};

// Thread-safe. The first call looks; later ones give the same keys until five minutes before they expire. What is said
// in files is read anew each time.
class AwsCredentials {
 public:
  AwsCredentials(AwsCredentialSettings settings, Environment environment, std::shared_ptr<Http> http)
      : settings_(std::move(settings)),
        environment_(std::move(environment)),
        http_(std::move(http)) {}

  // UNAUTHENTICATED lists where was looked and what was found there.
  Result<std::shared_ptr<const AwsKeys>> get(const Call &call);

  // The server refused these keys: the next get() asks their source again.
  void refused(const AwsKeys &keys);

 private:
  std::optional<std::shared_ptr<const AwsKeys>> usable() const;  // under the mutex
  bool begin_refresh();                                          // under the mutex; false: another thread is at it
  Result<std::shared_ptr<const AwsKeys>> refresh(const Call &call);
  Result<std::shared_ptr<const AwsKeys>> look(const Call &call) const;

  const AwsCredentialSettings settings_;
  const Environment environment_;
  const std::shared_ptr<Http> http_;

  // Guarded by net::mutex(), which is never held while a source is asked.
  std::shared_ptr<const AwsKeys> keys_;
  bool refused_ = false;
  BootTime fetched_{}, retry_{};
  std::uint64_t refreshing_ = 0;  // the fork generation of the thread that is at it; 0: none
};

}  // namespace vfslock::impl::net
