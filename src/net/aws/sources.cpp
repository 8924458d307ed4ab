// Keys that are written down somewhere, or that a helper prints.
#include "net/aws/sources.hpp"

#include "base/json.hpp"
#include "base/rfc3339.hpp"
#include "net/helper_process.hpp"
#include "net/text.hpp"

namespace vfslock::impl::net::aws {
namespace {

std::string cut(const std::string &text) { return std::string(trimmed(text)); }

}  // namespace

Result<AwsKeys> checked_keys(std::string access_key, Secret secret_key, Secret session_token,
                             const std::string &source) {
  AwsKeys keys;
  keys.access_key = cut(access_key);
  keys.secret_key = Secret(cut(secret_key.reveal()));
  keys.session_token = Secret(cut(session_token.reveal()));
  keys.source = source;
  if (keys.access_key.empty() || keys.secret_key.empty())
    return Error{Status::UNAUTHENTICATED, source + ": the access key id or the secret access key is missing"};
  for (const std::string *text : std::initializer_list<const std::string *>{&keys.access_key, &keys.secret_key.reveal(),
                                                                            &keys.session_token.reveal()})
    for (const char c : *text)
      if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
        return Error{Status::UNAUTHENTICATED,
                     source + ": a key or token has a space, a control byte or a byte beyond ASCII in it"};
  return keys;
}

Result<AwsKeys> keys_from_json(const Secret &text, const char *token, const std::string &source) {
  const auto document = json::parse(text.reveal(), json::max_text);
  if (!document)
    return Error{Status::UNAUTHENTICATED, source + " gave no JSON that can be read"};  // its text holds secrets
  const auto member = [&](const char *name) {
    const json::Value *found = document->find(name);
    return found && found->kind == json::Value::Kind::string ? found->text : std::string();
  };
  if (const std::string code = member("Code"); !code.empty() && code != "Success")
    return Error{Status::UNAUTHENTICATED,
                 source + " refused: " + printable(code, 100) + ": " + printable(member("Message"), 200)};
  auto keys = checked_keys(member("AccessKeyId"), Secret(member("SecretAccessKey")), Secret(member(token)), source);
  if (!keys) return keys;
  if (const std::string expiry = member("Expiration"); !expiry.empty()) {
    keys->expires = parse_rfc3339(expiry);
    if (!keys->expires)
      return Error{Status::UNAUTHENTICATED, source + " gave an Expiration that is no time: " + printable(expiry, 60)};
  }
  return keys;
}

static Result<Found> found(Result<AwsKeys> keys) {
  if (!keys) return keys.error();
  return Found{std::move(*keys), {}};
}

Result<Found> Sources::given() const {
  if (settings.access_key.empty() && settings.secret_key.empty()) return Found{{}, "s3.access_key is not set"};
  return found(checked_keys(settings.access_key, settings.secret_key, settings.session_token,
                            "the keys s3.access_key and s3.secret_key"));
}

Result<Found> Sources::environment_keys() const {
  const auto id = environment("AWS_ACCESS_KEY_ID"), secret = environment("AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) return Found{{}, "AWS_ACCESS_KEY_ID is not set"};
  return found(checked_keys(id.value_or(""), Secret(secret.value_or("")),
                            Secret(environment("AWS_SESSION_TOKEN").value_or("")),
                            "the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
}

Result<Found> Sources::profile() const {
  auto profile = AwsProfile::read(settings.profile, environment);
  if (!profile) return profile.error();
  const AwsProfile &in = **profile;
  const auto id = in.value("aws_access_key_id"), secret = in.value("aws_secret_access_key");
  if (const auto role = in.value("role_arn")) {
    if (const auto token_file = in.value("web_identity_token_file"))
      return assume_by_token(*token_file, *role, in.value("role_session_name").value_or(""),
                             in.where() + ", by web identity");
    return Error{Status::UNAUTHENTICATED,
                 in.where() +
                     " assumes a role through source_profile or credential_source, which this "
                     "version does not do yet: use credential_process, or keys in the environment"};
  }
  if (id || secret)
    return found(checked_keys(id.value_or(""), Secret(secret.value_or("")),
                              Secret(in.value("aws_session_token").value_or("")), in.where()));
  if (const auto command = in.value("credential_process"))
    return run_process(*command, in.where() + ", credential_process");
  if (in.value("sso_session") || in.value("sso_start_url"))
    return Error{Status::UNAUTHENTICATED,
                 in.where() +
                     " signs in by SSO, which this version does not do yet: use credential_process "
                     "with \"aws configure export-credentials\""};
  return Found{{}, in.where() + " has no keys"};
}

Result<Found> Sources::run_process(const std::string &command, const std::string &source) const {
  auto words = split_words(command);
  if (!words) return Error{words.error().status, source + ": " + words.error().message};
  auto output = run_helper(*words, call);
  if (!output) return Error{output.error().status, source + ": " + output.error().message};
  return found(keys_from_json(*output, "SessionToken", source));
}

}  // namespace vfslock::impl::net::aws
