// The table of DESIGN §1, line by line.
#include <doctest/doctest.h>

#include "base/uri.hpp"

using namespace vfslock::impl;

namespace {

Location location(std::string_view text) {
  auto found = parse_location(text);
  REQUIRE_MESSAGE(found, text);
  return *found;
}

std::string refusal(std::string_view text) {
  const auto found = parse_location(text);
  REQUIRE_FALSE_MESSAGE(found, text);
  CHECK(found.error().status == Status::INVALID_URI);
  return found.error().message;
}

void is(std::string_view text, const char *scheme, const char *authority, const std::string &path) {
  const Location l = location(text);
  INFO(text);
  CHECK(l.scheme == scheme);
  CHECK(l.authority == authority);
  CHECK(l.path == path);
  CHECK(l.text == text);
}

bool says(const std::string &message, const char *part) { return message.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("URIs are percent-decoded once") {
  is("s3://b/in/a%20b.csv", "s3", "b", "/in/a b.csv");
  is("s3://b/in/a b.csv", "s3", "b", "/in/a b.csv");
  is("s3://b/a%41", "s3", "b", "/aA");
  is("s3://b/a%2541", "s3", "b", "/a%41");
  is("s3://b/a+b", "s3", "b", "/a+b");
  is("s3://b/%F0%9F%98%80", "s3", "b", "/😀");
  is("s3://b/😀", "s3", "b", "/😀");
}

TEST_CASE("keys are not normalised") {
  is("s3://b/a//b", "s3", "b", "/a//b");
  is("s3://b/a/../b", "s3", "b", "/a/../b");
  is("s3://b/dir/", "s3", "b", "/dir/");
  is("s3://b", "s3", "b", "");
}

TEST_CASE("what has no scheme is a path, byte for byte") {
  for (const char *path : {"/d/a%41?x#y", "../x", "./x", ".", "/d/dir/", "a b:c", "file:/x", "://x", "1a://x",
                           "a_b://x", "\xff\n", "~/x", "C:\\x"})
    is(path, "file", "", path);
  CHECK(says(refusal(std::string_view("/a\0b", 4)), "NUL"));
  CHECK(says(refusal(""), "empty"));
}

TEST_CASE("file URIs take no host but localhost") {
  is("file:///d/a%2541%3Fx%23y", "file", "", "/d/a%41?x#y");
  is("file://localhost/d/x", "file", "", "/d/x");
  is("FILE://LocalHost/d/x", "file", "", "/d/x");
  is("file:///d/a%0Ab%FF", "file", "", "/d/a\nb\xff");
  CHECK(says(refusal("file://d/x"), "write file:///d/x"));
  CHECK(says(refusal("file://"), "has no path"));
  CHECK(says(refusal("file://localhost"), "has no path"));
  for (const char *uri : {"file:///a/../b", "file:///..", "file:///a/%2E%2e", "file://localhost/../a"})
    CHECK(says(refusal(uri), "write it without"));
  for (const char *uri : {"file:///a..b/..c", "file:///.../a", "file:///a/./b"}) CHECK(parse_location(uri));
}

TEST_CASE("schemes are lower-cased, authorities kept") {
  is("S3://Bucket/K", "s3", "Bucket", "/K");
  is("mem:///x", "mem", "", "/x");
  is("mem://name/x", "mem", "name", "/x");
  is("sftp://u@h:22/~/b", "sftp", "u@h:22", "/~/b");
  is("sftp://u@[::1]:22/a@b", "sftp", "u@[::1]:22", "/a@b");
  is("sftp://[::1]/a@b", "sftp", "[::1]", "/a@b");
  is("s3://b/a:b@c", "s3", "b", "/a:b@c");
  is("git+x-y.z://h/p", "git+x-y.z", "h", "/p");
}

TEST_CASE("what a URI may not hold is refused, with what to write instead") {
  CHECK(says(refusal("s3://b/a?x#y"), "a raw '?' in it: if it belongs to the name, write s3://b/a%3Fx%23y"));
  CHECK(says(refusal("s3://b/a%20b#y"), "write s3://b/a%20b%23y"));
  CHECK(says(refusal("s3://b/100%"), "write s3://b/100%25"));
  CHECK(says(refusal("s3://b/a%4"), "write s3://b/a%254"));
  CHECK(says(refusal("s3://b/a%zz"), "write s3://b/a%25zz"));
  CHECK(says(refusal("s3://b?x"), "a raw '?'"));
  CHECK(says(refusal("file:///a\nb"), "write file:///a%0Ab"));
  CHECK(says(refusal("s3://b/a%00"), "%00"));
  CHECK(says(refusal("file:///a%00"), "%00"));
  CHECK(says(refusal(std::string_view("s3://b/a\0b", 10)), "NUL"));
  CHECK(says(refusal("s3://b/a%0D%0Ab"), "only names of local files"));
  CHECK(says(refusal("mem://b/a%7F"), "only names of local files"));
}

TEST_CASE("a password is refused and never repeated") {
  for (const char *uri : {"sftp://u:s3cret@h/p", "sftp://u:s3cret@h/p?x", "sftp://u:s3%@h/s3cret",
                          "sftp://u:s3/cret@h/p", "sftp://u:s3#cret@h/p", "sftp://u:@h/s3cret",
                          "SFTP://u:s3@cret@h/p", "file://u:s3cret@h/p"}) {
    const std::string message = refusal(uri);
    CHECK(says(message, "password"));
    CHECK_FALSE(says(message, "s3"));
    CHECK_FALSE(says(message, "cret"));
  }
  CHECK(says(refusal("sftp://u:s3cret@h/p"), "write sftp://user@host/path"));
}

TEST_CASE("to_uri gives one spelling that reads back") {
  CHECK(to_uri(location("/d/a%41?x#y")) == "file:///d/a%2541%3Fx%23y");
  CHECK(to_uri(location("s3://b/in/a b.csv")) == "s3://b/in/a%20b.csv");
  CHECK(to_uri(location("s3://b/a%41")) == "s3://b/aA");
  CHECK(to_uri(location("file://localhost/x")) == "file:///x");
  CHECK(to_uri(location("../x y")) == "../x y");
  CHECK(to_uri(location("/a/../x y")) == "/a/../x y");
  std::string all = "/";
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  const Location path = location(all);
  CHECK(location(to_uri(path)).path == all);
  CHECK(to_uri(location(to_uri(path))) == to_uri(path));
}
