// Small parsers of what servers say: XML, dates, pauses; and the clock that is learned from them.
#include <doctest/doctest.h>

#include "base/clock.hpp"
#include "base/rfc3339.hpp"
#include "net/retry.hpp"
#include "net/server_clock.hpp"
#include "net/text.hpp"
#include "net/xml.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::net;
using namespace std::chrono_literals;

TEST_CASE("XML: elements by path, names without prefix, text of each element alone") {
  const auto document =
      parse_xml("<?xml version='1.0'?><a:List xmlns:a='u'><x>1</x><x>2</x><y>&lt;&amp;&#65;<z/> </y></a:List>");
  REQUIRE(document);
  CHECK(document->name == "List");
  CHECK(document->find({"x"})->text == "1");
  CHECK(document->children.size() == 3);
  CHECK(document->find({"y"})->text == "<&A ");
  CHECK(document->find({"y", "z"}));
  CHECK_FALSE(document->find({"y", "none"}));
}

TEST_CASE("XML: what is broken, hostile or too much is refused") {
  std::string deep, many = "<a>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 30'000; ++i) many += "<b/>";
  for (const std::string &text :
       {std::string(), std::string("text"), std::string("<a>"), std::string("<a></b>"), std::string("<a/><b/>"), deep,
        many + "</a>", std::string("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), std::string(5 << 20, 'x')}) {
    const auto document = parse_xml(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().status == Status::UNAVAILABLE);
  }
}

TEST_CASE("dates of HTTP, in any locale's host") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == parse_rfc3339("1994-11-06T08:49:37Z"));
  CHECK_FALSE(parse_http_date("soon"));
}

TEST_CASE("Retry-After: seconds or a date, within bounds") {
  const auto pause = [](const char *text) {
    Answer answer;
    answer.headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"retry-after", text}};
    return retry_after(answer);
  };
  CHECK(pause("120") == Duration(120s));
  CHECK(pause("0") == Duration(1s));
  CHECK(pause("-5") == Duration(1s));
  CHECK(pause("99999999") == Duration(24h));
  CHECK(pause("Sun, 06 Nov 1994 08:50:07 GMT") == Duration(30s));
  CHECK_FALSE(pause("later"));
  CHECK_FALSE(retry_after(Answer{}));
}

TEST_CASE("a server's clock: the best lower bound, and a step back counts") {
  ServerClock clock;
  CHECK_FALSE(clock.now());
  const BootTime start(1000s);
  const WallTime date(5000s);
  clock.note(date, start + 300ms);
  clock.note(date, start + 900ms);  // the same second, told later: worse
  CHECK(*clock.offset() == 4000s - 300ms);
  clock.note(date + 1s, start + 1100ms);
  CHECK(*clock.offset() == 4000s - 100ms);
  clock.note(date - 3600s, start + 2s);
  CHECK(*clock.offset() == 400s - 2s);
  ServerClock told;
  told.begin_with(7s);
  told.begin_with(8s);
  CHECK(*told.offset() == Duration(7s));
}

TEST_CASE("texts for messages hold no control bytes and no half characters") {
  CHECK(printable("a\r\nb\x1b[0m\xff", 100) == "a  b [0m ");
  CHECK(printable(std::string(500, 'x'), 10).size() == 10);
  CHECK(trimmed(" \t a b \r\n") == "a b");
  CHECK(trimmed(" \n").empty());
  CHECK(has_control_bytes("a\tb"));
  CHECK_FALSE(has_control_bytes("a b"));
}
