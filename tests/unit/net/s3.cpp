// S3 without a server: names, settings, where requests go, and what answers mean.
#include <doctest/doctest.h>

#include "storage/object/probe.hpp"
#include "storage/object/s3/answers.hpp"
#include "storage/object/s3/endpoint.hpp"
#include "storage/object/s3/names.hpp"
#include "storage/object/s3/policy.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::s3;

namespace {

net::Answer answer_of(int status, const std::string &code = "", const std::string &message = "") {
  net::Answer answer;
  answer.status = status;
  if (!code.empty())
    answer.body =
        "<Error><Code>" + code + "</Code><Message>" + message + "</Message><Region>eu-west-1</Region></Error>";
  return answer;
}

Verdict verdict(Verb verb, int status, const std::string &code = "", const std::string &message = "") {
  const net::Answer answer = answer_of(status, code, message);
  return judge_answer(verb, answer, error_document(answer));
}

}  // namespace

TEST_CASE("buckets are checked by the vendor's grammar") {
  const std::string longest(63, 'b');
  for (const std::string_view good :
       {std::string_view("abc"), std::string_view("my-bucket.data"), std::string_view(longest)})
    CHECK(check_bucket(good));
  CHECK_FALSE(check_bucket(longest + "b"));
  for (const char *bad :
       {"", "ab", "Upper", "a_b", "-ab", "ab-", "a..b", "127.0.0.1", "a b", "user@host", "host:9000", "arn:aws:s3"}) {
    CAPTURE(bad);
    const auto checked = check_bucket(bad);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().status == Status::INVALID_URI);
    CHECK(checked.error().message.find("s3://bucket/key") != std::string::npos);
  }
  CHECK(check_bucket("name--use1-az4--x-s3").error().status == Status::UNSUPPORTED);
  CHECK(check_key(std::string(1024, 'k')));
  CHECK(check_key(std::string(1025, 'k')).error().message.find("1025 bytes") != std::string::npos);
}

TEST_CASE("settings say what is wrong, and never repeat a secret") {
  for (const auto &one : {std::pair("s3.endpoint", "s3.example.com"),
                                   {"s3.region", "eu west"},
                                   {"s3.region", "eu/../"},
                                   {"s3.address_style", "host"},
                                   {"s3.sse", "rot13"},
                                   {"probe", "sometimes"},
                                   {"state_dir", "here"},
                                   {"net.allow_insecure", "yes"},
                                   {"s3.tags", "a\r\nb"},
                                   {"net.user_agent", "caf\xC3\xA9"}}) {
    const auto [key, value] = one;
    CAPTURE(one.first);
    const auto parsed = s3_settings({{key, value}});
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().status == Status::INVALID_ARGUMENT);
    CHECK(parsed.error().message.find(key) != std::string::npos);
  }
  CHECK(s3_settings({{"s3.secret_key", " hunter2\n"}})->secret_key.reveal() == "hunter2");
  const auto secret = s3_settings({{"s3.secret_key", "hunter2\nhunter3"}});
  REQUIRE_FALSE(secret);
  CHECK(secret.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("endpoints: AWS by region and host, others by path; no plain HTTP beyond this host") {
  const net::Environment none = [](const char *) { return std::nullopt; };
  const auto find = [&](S3Settings settings, const net::Environment &environment) {
    return find_endpoint(settings, environment, net::AwsProfile());
  };
  const auto aws = find({}, none);
  REQUIRE(aws);
  CHECK(aws->is_trusted);
  CHECK(aws->target("data", "eu-west-1").address.origin() == "https://data.s3.eu-west-1.amazonaws.com");
  CHECK(aws->target("my.data", "eu-west-1").path_prefix == "/my.data");
  CHECK(aws->target("data", "cn-north-1").address.host == "data.s3.cn-north-1.amazonaws.com.cn");

  S3Settings settings;
  settings.endpoint = "http://127.0.0.1:9000";
  const auto custom = find(settings, none);
  REQUIRE(custom);
  CHECK_FALSE(custom->is_trusted);
  CHECK(custom->target("data", "x").address.origin() + custom->target("data", "x").path_prefix ==
        "http://127.0.0.1:9000/data");
  settings.style = AddressStyle::virtual_host;
  CHECK(find(settings, none)->target("data", "x").address.host == "data.127.0.0.1");

  settings.endpoint = "http://s3.example.com";
  const auto insecure = find(settings, none);
  REQUIRE_FALSE(insecure);
  CHECK(insecure.error().message.find("net.allow_insecure") != std::string::npos);
  settings.allow_insecure = true;
  CHECK(find(settings, none));

  const net::Environment set = [](const char *name) -> std::optional<std::string> {
    const std::string_view asked(name);
    if (asked == "AWS_ENDPOINT_URL") return "https://all.example.com";
    if (asked == "AWS_ENDPOINT_URL_S3") return "https://s3.example.com";
    if (asked == "AWS_DEFAULT_REGION") return "eu-north-1";
    return std::nullopt;
  };
  CHECK(find({}, set)->custom.host == "s3.example.com");
  CHECK(find({}, set)->region == "eu-north-1");
  const net::Environment ignored = [&](const char *name) -> std::optional<std::string> {
    return std::string_view(name) == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" ? std::optional<std::string>("true")
                                                                           : set(name);
  };
  CHECK(find({}, ignored)->is_aws);
  const net::Environment odd = [](const char *name) -> std::optional<std::string> {
    return std::string_view(name) == "AWS_REGION" ? std::optional<std::string>("evil.example.com/") : std::nullopt;
  };
  CHECK(find({}, odd).error().message.find("AWS_REGION") != std::string::npos);
}

TEST_CASE("h1: each answer means one thing") {
  for (const Verb write : {Verb::create, Verb::replace, Verb::remove}) {
    CHECK(verdict(write, 412, "PreconditionFailed") == Verdict::refused);
    CHECK(verdict(write, 304) == Verdict::refused);
    CHECK(verdict(write, 409, "ConditionalRequestConflict") == Verdict::conflict);
    CHECK(verdict(write, 500, "InternalError") == Verdict::unknown);
    CHECK(verdict(write, 502) == Verdict::unknown);
    CHECK(verdict(write, 503, "SlowDown") == Verdict::throttled);
    CHECK(verdict(write, 429) == Verdict::throttled);
    CHECK(verdict(write, 200, "InternalError") == Verdict::unknown);
    CHECK(verdict(write, 408) == Verdict::unknown);
    CHECK(verdict(write, 501, "NotImplemented") == Verdict::unsupported);
    CHECK(verdict(write, 403, "AccessDenied") == Verdict::denied);
    CHECK(verdict(write, 403) == Verdict::denied);
    CHECK(verdict(write, 403, "ExpiredToken") == Verdict::keys_refused);
    CHECK(verdict(write, 400, "ExpiredToken") == Verdict::keys_refused);
    CHECK(verdict(write, 401) == Verdict::keys_refused);
    CHECK(verdict(write, 403, "RequestTimeTooSkewed") == Verdict::clock_skewed);
    CHECK(verdict(write, 404, "NoSuchBucket") == Verdict::no_bucket);
    CHECK(verdict(write, 301, "PermanentRedirect") == Verdict::moved);
    CHECK(verdict(write, 400, "AuthorizationHeaderMalformed") == Verdict::moved);
    CHECK(verdict(write, 400, "InvalidArgument") == Verdict::misused);
    CHECK(verdict(write, 418) == Verdict::misused);
    CHECK(verdict(write, 100) == Verdict::unknown);
  }
  CHECK(verdict(Verb::create, 400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required") ==
        Verdict::wants_checksum);
  CHECK(verdict(Verb::create, 404, "NoSuchKey") == Verdict::misused);
  CHECK(verdict(Verb::replace, 404, "NoSuchKey") == Verdict::refused);
  CHECK(verdict(Verb::remove, 404) == Verdict::absent);
  CHECK(verdict(Verb::read, 404) == Verdict::absent);
  CHECK(verdict(Verb::read, 403, "InvalidObjectState") == Verdict::misused);
  CHECK(verdict(Verb::remove, 204) == Verdict::done);
  CHECK(verdict(Verb::create, 200) == Verdict::done);
}

TEST_CASE("errors carry what the server said, on one line, and its request id") {
  net::Answer answer = answer_of(403, "AccessDenied", "no\nway");
  answer.headers = {{"x-amz-request-id", "42"}};
  const ErrorDocument document = error_document(answer);
  const Error error = error_of(Verb::replace, Verdict::denied, answer, document, "b", "k\x1b");
  CHECK(error.status == Status::PERMISSION_DENIED);
  CHECK(error.message.find("s3:PutObject and s3:GetObject") != std::string::npos);
  CHECK(error.message.find("no way") != std::string::npos);
  CHECK(error.message.find('\x1b') == std::string::npos);
  CHECK(error.details ==
        std::vector<std::pair<std::string, std::string>>{{"http_status", "403"}, {"request_id", "42"}});
}

TEST_CASE("a probe's object lies beside the lock, ends as it does, and is never too long") {
  const std::string name = object::scratch_name("in/data.csv.lock", 1024);
  CHECK(name.substr(0, 23) == "in/data.csv.lock.probe.");
  CHECK(name.substr(name.size() - 5) == ".lock");
  CHECK(name != object::scratch_name("in/data.csv.lock", 1024));
  CHECK(object::scratch_name("in/" + std::string(1021, 'k'), 1024).size() == 1024);
  CHECK(object::scratch_name("nodot", 1024).substr(0, 12) == "nodot.probe.");
}

TEST_CASE("the policy is no wider than the locks of the folder") {
  const std::string text = policy("b", "in/x.lock", true);
  CHECK(text.find("arn:aws:s3:::b/in/*.lock") != std::string::npos);
  CHECK(text.find("s3:if-match") != std::string::npos);
  CHECK(policy("b", "x.lock", false).find("DeleteObject") == std::string::npos);
}
