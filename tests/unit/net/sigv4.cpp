// The vendor's published examples of Signature Version 4 for S3 ("Signature Calculations for the Authorization
// Header").
#include <doctest/doctest.h>

#include "base/rfc3339.hpp"
#include "net/aws/sigv4.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::net;

namespace {

AwsKeys example_keys() {
  AwsKeys keys;
  keys.access_key = "AKIAIOSFODNN7EXAMPLE";
  keys.secret_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  return keys;
}

const Address bucket_host = *parse_address("https://examplebucket.s3.amazonaws.com", "example");

Request sign(const AwsRequest &request, const AwsKeys &keys = example_keys()) {
  return aws_sign(request, bucket_host, keys, "us-east-1", "s3", *parse_rfc3339("2013-05-24T00:00:00Z"));
}

std::string header(const Request &request, const std::string &name) {
  for (const Header &one : request.headers)
    if (one.name == name) return one.value;
  return "";
}

std::string signature(const Request &request) {
  const std::string text = header(request, "Authorization");
  return text.substr(text.rfind('=') + 1);
}

}  // namespace

TEST_CASE("SigV4: the published examples") {
  CHECK(signature(sign({"GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, ""})) ==
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(signature(sign({"PUT",
                        "/test$file.text",
                        {},
                        {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                        "Welcome to Amazon S3."})) ==
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  CHECK(signature(sign({"GET", "/", {{"lifecycle", ""}}, {}, ""})) ==
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  CHECK(signature(sign({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, ""})) ==
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("SigV4: what is signed is what is sent") {
  AwsKeys keys = example_keys();
  keys.session_token = Secret("the/token==");
  const Request request = sign(
      {"PUT", "/a b/+%?#//../\xF0\x9F\x98\x80", {{"x", "1 2"}, {"a", ""}}, {{"If-None-Match", "*"}}, "body"}, keys);
  CHECK(request.url == "https://examplebucket.s3.amazonaws.com/a%20b/%2B%25%3F%23//../%F0%9F%98%80?a=&x=1%202");
  CHECK(header(request, "x-amz-security-token") == "the/token==");
  CHECK(header(request, "x-amz-date") == "20130524T000000Z");
  const std::string authorization = header(request, "Authorization");
  CHECK(authorization.find("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request") != std::string::npos);
  CHECK(authorization.find("SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token") !=
        std::string::npos);
  for (const Header &one : request.headers) CHECK(one.value.find("wJalrXUtnFEMI") == std::string::npos);
}

TEST_CASE("percent-encoding: only unreserved bytes stay, and it goes back") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string encoded = aws_encode(all, false);
  for (const char c : encoded)
    CHECK((std::isalnum(static_cast<unsigned char>(c)) || std::string("-_.~%").find(c) != std::string::npos));
  CHECK(aws_decode(encoded) == all);
  CHECK(aws_encode("a/b", true) == "a/b");
  CHECK(aws_encode("a/b", false) == "a%2Fb");
  CHECK(aws_decode("a+b") == std::string("a b"));
  for (const char *broken : {"%", "%4", "%zz", "a%"}) CHECK_FALSE(aws_decode(broken));
}
