// Keys that a service hands out: STS for a web identity's token, the container's endpoint, the instance's metadata.
#include "base/clock.hpp"
#include "base/rfc3339.hpp"
#include "net/address.hpp"
#include "net/aws/region.hpp"
#include "net/aws/sigv4.hpp"
#include "net/aws/sources.hpp"
#include "net/text.hpp"
#include "net/xml.hpp"

namespace vfslock::impl::net::aws {
namespace {

constexpr Duration metadata_answer = std::chrono::seconds(1);
constexpr Duration metadata_total = std::chrono::seconds(3);

Call within(const Call &call, Duration time) {
  return {std::min(call.deadline, saturating_add(boot_now(), time)), call.cancel};
}

struct Fetched {
  int status = 0;
  Secret body;
};

// `what` names the service in errors; what it answers may hold secrets and is not repeated.
Result<Fetched> fetch(Http &http, const Request &request, const Call &call, const std::string &what) {
  Exchange exchange = http.exchange(request, call);
  if (auto *none = std::get_if<NoAnswer>(&exchange)) {
    const Status status = none->cause.status == Status::CANCELLED ? Status::CANCELLED : Status::UNAVAILABLE;
    return Error{status, what + ": " + none->cause.message};
  }
  auto &answer = std::get<Answer>(exchange);
  if (answer.cut) return Error{Status::UNAUTHENTICATED, what + " gave an answer that is too long"};
  return Fetched{answer.status, Secret(std::move(answer.body))};
}

Error refused_by(const std::string &what, int status) {
  return Error{Status::UNAUTHENTICATED, what + " answered " + std::to_string(status) + " instead of credentials"};
}

}  // namespace

Result<Found> Sources::web_identity() const {
  const auto file = environment("AWS_WEB_IDENTITY_TOKEN_FILE"), role = environment("AWS_ROLE_ARN");
  if (!file) return Found{{}, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  if (!role) return Error{Status::UNAUTHENTICATED, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"};
  return assume_by_token(*file, *role, environment("AWS_ROLE_SESSION_NAME").value_or(""),
                         "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)");
}

Result<Found> Sources::assume_by_token(const std::string &token_file, const std::string &role,
                                       const std::string &session, const std::string &source) const {
  auto text = read_file(token_file);  // at each refresh: the token is rotated
  if (!text) return Error{Status::UNAUTHENTICATED, source + ": " + text.error().message};
  const Secret token(std::string(trimmed(*text)));
  if (token.empty() || has_control_bytes(token.reveal()))
    return Error{Status::UNAUTHENTICATED, source + ": " + token_file + " holds no token"};

  auto profile = AwsProfile::read(settings.profile, environment);
  if (!profile) return profile.error();
  const auto region = aws_region("", environment, **profile);
  if (!region) return region.error();
  std::string endpoint = "https://sts." + region->name + ".amazonaws.com";
  for (const auto &named : {environment("AWS_ENDPOINT_URL"), (*profile)->service("sts", "endpoint_url"),
                            environment("AWS_ENDPOINT_URL_STS")})
    if (named) endpoint = *named;
  auto address = parse_address(endpoint, "the STS endpoint");
  if (!address) return address.error();
  if (!address->tls && !is_loopback(*address))
    return Error{Status::INVALID_ARGUMENT,
                 "the STS endpoint is " + address->origin() + ": tokens are sent by https:// only"};

  Request request;
  request.method = "POST";
  request.url = address->origin() + address->prefix + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" + aws_encode(role, false) +
                 "&RoleSessionName=" + aws_encode(session.empty() ? "vfslock" : session, false) +
                 "&WebIdentityToken=" + aws_encode(token.reveal(), false);
  auto answer = fetch(http, request, within(call, std::chrono::seconds(10)), source + ", STS");
  if (!answer) return answer.error();
  const auto document = parse_xml(answer->body.reveal());
  if (!document) return refused_by(source + ", STS", answer->status);
  if (const XmlElement *code = document->find({"Error", "Code"})) {
    const XmlElement *message = document->find({"Error", "Message"});
    return Error{Status::UNAUTHENTICATED, source + ": STS refused: " + printable(code->text, 100) +
                                              (message ? ": " + printable(message->text, 200) : "")};
  }
  const XmlElement *in = document->find({"AssumeRoleWithWebIdentityResult", "Credentials"});
  if (answer->status != 200 || !in) return refused_by(source + ", STS", answer->status);
  const auto text_of = [&](const char *name) {
    const XmlElement *found = in->find({name});
    return found ? found->text : std::string();
  };
  auto keys =
      checked_keys(text_of("AccessKeyId"), Secret(text_of("SecretAccessKey")), Secret(text_of("SessionToken")), source);
  if (!keys) return keys.error();
  keys->expires = parse_rfc3339(trimmed(text_of("Expiration")));
  return Found{std::move(*keys), {}};
}

Result<Found> Sources::container() const {
  const auto relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
             full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return Found{{}, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set"};
  const std::string source = std::string("the container's credentials (AWS_CONTAINER_CREDENTIALS_") +
                             (relative ? "RELATIVE" : "FULL") + "_URI)";
  Request request;
  request.method = "GET";
  request.direct = true;
  request.url = relative ? "http://169.254.170.2" + *relative : *full;
  if (has_control_bytes(request.url) || request.url.find(' ') != std::string::npos ||
      (relative && relative->front() != '/'))
    return Error{Status::INVALID_ARGUMENT, source + ": that is no path, or no URL"};
  if (!relative) {
    auto address = parse_address(request.url.substr(0, request.url.find_first_of("?#")), source);
    if (!address) return address.error();
    if (!address->tls && !is_loopback(*address) && !is_link_local(*address))
      return Error{Status::INVALID_ARGUMENT, source + " is http:// to " + address->host +
                                                 ": only https, this host and link-local addresses are allowed"};
  }
  std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (const auto file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    auto text = read_file(*file);
    if (!text) return Error{Status::UNAUTHENTICATED, source + ": " + text.error().message};
    token = std::move(*text);
  }
  token = trimmed(token);
  if (has_control_bytes(token))
    return Error{Status::UNAUTHENTICATED, source + ": the authorization token has a control byte in it"};
  if (!token.empty()) request.headers.push_back({"Authorization", token});
  auto answer = fetch(http, request, within(call, metadata_total), source);
  if (!answer) return answer.error();
  if (answer->status != 200) return refused_by(source, answer->status);
  auto keys = keys_from_json(answer->body, "Token", source);
  if (!keys) return keys.error();
  return Found{std::move(*keys), {}};
}

// IMDSv2 only: without its token an answer could come from a proxy that was tricked into asking.
Result<Found> Sources::instance() const {
  const std::string disabled = lower(environment("AWS_EC2_METADATA_DISABLED").value_or("false"));
  if (disabled == "true") return Found{{}, "instance metadata are turned off by AWS_EC2_METADATA_DISABLED"};
  const std::string source = "the instance's metadata (IMDSv2)";
  std::string base = "http://169.254.169.254";
  if (const auto endpoint = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    auto address = parse_address(*endpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (!address) return address.error();
    if (!is_loopback(*address) && !is_link_local(*address))
      return Error{Status::INVALID_ARGUMENT, "AWS_EC2_METADATA_SERVICE_ENDPOINT is " + address->origin() +
                                                 ": only this host and link-local addresses are allowed"};
    base = address->origin() + address->prefix;
  }
  const BootTime end = saturating_add(boot_now(), metadata_total);
  const auto ask = [&](const char *method, const std::string &path, Header header) {
    Request request;
    request.method = method;
    request.url = base + path;
    request.headers = {std::move(header)};
    request.direct = true;
    const Call bounded{std::min(end, call.deadline), call.cancel};
    return fetch(http, request, within(bounded, metadata_answer), source);
  };
  auto token = ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds", "21600"});
  if (!token && token.error().status == Status::CANCELLED) return token.error();
  if (!token) return Found{{}, token.error().message};  // where there is no such service
  if (token->status != 200) return Found{{}, source + " gave no token (" + std::to_string(token->status) + ")"};
  const Header proof{"X-aws-ec2-metadata-token", std::string(trimmed(token->body.reveal()))};
  if (proof.value.empty() || has_control_bytes(proof.value)) return Found{{}, source + " gave no token"};
  const std::string roles = "/latest/meta-data/iam/security-credentials/";
  auto role = ask("GET", roles, proof);
  if (!role) return role.error();
  const std::string name(trimmed(role->body.reveal().substr(0, role->body.reveal().find('\n'))));
  if (role->status == 404 || (role->status == 200 && name.empty()))
    return Found{{}, source + ": the instance has no role"};
  if (role->status != 200) return refused_by(source, role->status);
  auto answer = ask("GET", roles + aws_encode(name, false), proof);
  if (!answer) return answer.error();
  if (answer->status != 200) return refused_by(source, answer->status);
  auto keys = keys_from_json(answer->body, "Token", source);
  if (!keys) return keys.error();
  return Found{std::move(*keys), {}};
}

}  // namespace vfslock::impl::net::aws
