// Listing a bucket: pages as a server gives them, also a server that is out of its mind.
#include <doctest/doctest.h>

#include "base/clock.hpp"
#include "storage/object/s3/s3.hpp"
#include "support/canned_server.hpp"

using namespace vfslock::impl;
using vfslock::impl::test::CannedServer;

namespace {

std::string page(const std::string &keys, const std::string &next) {
  return "<ListBucketResult><EncodingType>url</EncodingType>" + keys +
         (next.empty() ? "<IsTruncated>false</IsTruncated>"
                       : "<IsTruncated>true</IsTruncated><NextContinuationToken>" + next + "</NextContinuationToken>") +
         "</ListBucketResult>";
}

std::string key(const std::string &name) { return "<Contents><Key>" + name + "</Key></Contents>"; }

Result<Page> list(const CannedServer &server, const std::string &prefix, const std::string &from) {
  auto s3 = open_s3_client({{"s3.endpoint", server.endpoint()}, {"s3.access_key", "k"}, {"s3.secret_key", "s"}});
  REQUIRE(s3);
  auto place = open_s3(*s3, Location{"s3", "bucket", "/data", ""}, "{name}.lock");
  REQUIRE(place);
  return place->store->list(prefix, from, 10, {boot_now() + std::chrono::seconds(60), nullptr});
}

}  // namespace

TEST_CASE("list: keys are decoded, and a page says where the next one begins") {
  const CannedServer server({page(key("a%2Fb+c") + key("a%2F%F0%9F%98%80"), "token/+=")});
  const auto first = list(server, "a/", "");
  REQUIRE(first);
  CHECK(first->keys == std::vector<std::string>{"a/b c", "a/\xF0\x9F\x98\x80"});
  CHECK(first->next == "token/+=");
  CHECK(server.served() == 1);  // no more is read than was asked for
}

TEST_CASE("list: a page token that comes again is an error, not a loop") {
  const CannedServer server({page(key("a1"), "again")});
  const auto looped = list(server, "a", "again");
  REQUIRE_FALSE(looped);
  CHECK(looped.error().status == Status::UNAVAILABLE);
}

TEST_CASE("list: what is no page of this prefix is an error") {
  for (const std::string &body : {page(key("b1"), ""), page(key("a%zz"), ""), page("<Contents/>", ""), std::string("<html/>"),
                                  std::string("<ListBucketResult>"), std::string(), page(key("a1"), "x").replace(0, 0, "<?xml?>"),
                                  std::string("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")}) {
    CAPTURE(body);
    const CannedServer server({body});
    CHECK_FALSE(list(server, "a", ""));
  }
}
