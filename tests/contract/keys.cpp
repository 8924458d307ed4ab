// F28: a key is the bytes that it is, or it is refused; it never becomes another key.
#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

// All of them at once: each lands, none stands in another's way, and each reads back as its own.
void live_side_by_side(Site &site, const std::vector<std::string> &names) {
  std::vector<Held> all;
  for (const std::string &name : names) {
    INFO(name);
    CHECK_FALSE(site.look(name));
    all.push_back(site.create(name, record("of key " + std::to_string(all.size()))));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    const Look seen = site.look(names[i]);
    REQUIRE(seen);
    CHECK(seen->version == all[i].version);
    CHECK(seen->bytes == all[i].bytes);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    site.keep(names[i], all[i], record("kept"));
    site.release(names[i], all[i]);
  }
}

}  // namespace

CONTRACT_TEST("F28: spaces, also at the ends", Site &site) {
  live_side_by_side(site, {"a b", " a b", "a b ", "a  b", "ab", " "});
}

CONTRACT_TEST("F28: percent signs are not decoded", Site &site) {
  live_side_by_side(site, {"a%20b", "a b", "a%2520b", "%", "%%", "%zz", "a%41", "aA", "a%00b"});
}

CONTRACT_TEST("F28: plus, question mark, hash, ampersand", Site &site) {
  live_side_by_side(site, {"a+b", "a b", "a?b", "a#b", "a&b=c", "?", "#", "a?b#c", "a;b", "a:b@c"});
}

CONTRACT_TEST("F28: quotes, backslashes, brackets, stars", Site &site) {
  live_side_by_side(site, {"a\"b", "a'b", "a\\b", "a[b]", "a{b}", "a*", "a<b>", "a|b", "$a", "`a`", "~", "-a", "!a"});
}

CONTRACT_TEST("F28: dots in names", Site &site) {
  live_side_by_side(site, {"a.", ".a", "..a", "a..", "...", "a..b", "a.lock", "a.lock.lock"});
}

CONTRACT_TEST("F28: upper and lower case", Site &site) { live_side_by_side(site, {"abc", "ABC", "Abc", "aBC"}); }

CONTRACT_TEST("F28: emoji, and letters composed in two ways", Site &site) {
  live_side_by_side(site, {"😀", "é", "e\xCC\x81", "日本", "ß", "ss", "I", "ı"});
}

CONTRACT_TEST("F28: slashes are not folded and dots not resolved", Site &site) {
  NEEDS(site.can.slash_keys, "keys are single names");
  NEEDS(!site.can.folds_slashes, "this server folds slashes and dots");
  live_side_by_side(site, {"a/b", "a//b", "/a/b", "a/./b", "a/../b", "b", "../b", "a/b/c"});
}

CONTRACT_TEST("F28: control bytes, line ends", Site &site) {
  NEEDS(site.can.control_keys, "control bytes in keys are refused");
  live_side_by_side(site, {"a\r\nb", "a\nb", "a\rb", "a\tb", "ab", "a\x7f", "a\x01"});
}

CONTRACT_TEST("F28: the longest key", Site &site) {
  const std::string longest(site.can.longest_key, 'k');
  live_side_by_side(site, {longest, longest.substr(1), longest.substr(0, longest.size() - 1) + "l"});
}

CONTRACT_TEST("F28: a key with a NUL byte is refused, or is not the key before it", Site &site) {
  const std::string name("a\0b", 3);
  TenurePtr tenure;
  const auto answer = site.put(name, record("a"), IfAbsent{}, Step::begin, tenure);
  CHECK((!answer || landed(answer)));
  CHECK_FALSE(site.look("a"));
}

}  // namespace vfslock::impl::contract
