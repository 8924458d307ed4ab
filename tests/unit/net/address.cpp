#include <doctest/doctest.h>

#include "net/address.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::net;

TEST_CASE("addresses: scheme, host, port and prefix") {
  const auto plain = parse_address("https://S3.Example.com", "s3.endpoint");
  REQUIRE(plain);
  CHECK(plain->origin() == "https://s3.example.com");
  const auto full = parse_address("http://127.0.0.1:9000/base//", "s3.endpoint");
  REQUIRE(full);
  CHECK(full->origin() + full->prefix == "http://127.0.0.1:9000/base");
  CHECK(parse_address("https://h:443/", "x")->origin() == "https://h");
  CHECK(parse_address("http://[::1]:80", "x")->origin() == "http://[::1]");
}

TEST_CASE("addresses: what is wrong is said, and no password is repeated") {
  for (const auto &one : {std::pair("s3.example.com", "scheme"),
                                   {"ftp://h", "https or http"},
                                   {"https://", "URL"},
                                   {"https://h?x=1", "query"},
                                   {"https://h#f", "query"},
                                   {"https://h/a b", "space"},
                                   {"", "scheme"}}) {
    const auto [text, word] = one;
    CAPTURE(one.first);
    const auto address = parse_address(text, "s3.endpoint");
    REQUIRE_FALSE(address);
    CHECK(address.error().status == Status::INVALID_ARGUMENT);
    CHECK(address.error().message.find("s3.endpoint") != std::string::npos);
    CHECK(address.error().message.find(word) != std::string::npos);
  }
  const auto secret = parse_address("https://user:hunter2@h", "s3.endpoint");
  REQUIRE_FALSE(secret);
  CHECK(secret.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("addresses: which are this host, and which its neighbours on the link") {
  for (const char *text : {"http://127.0.0.1", "http://127.9.8.7:1", "http://localhost:2", "http://[::1]"})
    CHECK(is_loopback(*parse_address(text, "x")));
  for (const char *text :
       {"http://128.0.0.1", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://[::2]"})
    CHECK_FALSE(is_loopback(*parse_address(text, "x")));
  for (const char *text : {"http://169.254.170.2", "http://[fe80::1]", "http://[fd00:ec2::254]"})
    CHECK(is_link_local(*parse_address(text, "x")));
  for (const char *text : {"http://169.255.0.1", "http://10.0.0.1", "http://[fd00::1]"})
    CHECK_FALSE(is_link_local(*parse_address(text, "x")));
}
