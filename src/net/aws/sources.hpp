#pragma once
// The links of the chain, each asked for itself.
#include <optional>
#include <string>

#include "net/aws/credentials.hpp"

namespace vfslock::impl::net::aws {

// Keys; or where was looked and what was (not) there, for the error that lists all of it.
struct Found {
  std::optional<AwsKeys> keys;
  std::string nothing;
};

// An Error ends the search: a source that is configured and fails is not passed over.
struct Sources {
  const AwsCredentialSettings &settings;
  const Environment &environment;
  Http &http;
  const Call &call;

  Result<Found> given() const;
  Result<Found> environment_keys() const;
  Result<Found> web_identity() const;
  Result<Found> profile() const;
  Result<Found> container() const;
  Result<Found> instance() const;

 private:
  Result<Found> assume_by_token(const std::string &token_file, const std::string &role, const std::string &session,
                                const std::string &source) const;  // web_identity.cpp
  Result<Found> run_process(const std::string &command, const std::string &source) const;
};

// White space at their ends is cut off; what else no header may hold is refused. `source` is named in the error.
Result<AwsKeys> checked_keys(std::string access_key, Secret secret_key, Secret session_token,
                             const std::string &source);

// The document of container endpoints, IMDS and credential_process. `token`: the session token's name in it.
Result<AwsKeys> keys_from_json(const Secret &text, const char *token, const std::string &source);

}  // namespace vfslock::impl::net::aws
