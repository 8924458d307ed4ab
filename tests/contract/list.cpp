// list: pages of the keys below a prefix, every key once.
#include <algorithm>
#include <set>

#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

// All pages, as long as they go on; a token that comes again would never end.
std::vector<std::string> all(Site &site, const std::string &prefix, std::size_t most) {
  std::vector<std::string> keys;
  std::set<std::string> tokens;
  std::string from;
  do {
    auto page = site.store().list(site.key(prefix), from, most, Site::soon());
    REQUIRE(page);
    REQUIRE(page->keys.size() <= most);
    keys.insert(keys.end(), page->keys.begin(), page->keys.end());
    from = page->next;
    REQUIRE((from.empty() || tokens.insert(from).second));
  } while (!from.empty());
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

CONTRACT_TEST("list: nothing where nothing is", Site &site) { CHECK(all(site, "none", 10).empty()); }

CONTRACT_TEST("list: every key of the prefix once and no other, whatever the size of the pages", Site &site) {
  std::vector<std::string> wanted;
  for (int i = 0; i < 7; ++i) {
    const std::string name = "list-" + std::to_string(i) + ".lock";
    site.plant_at(name, record("list"));
    wanted.push_back(site.key(name));
  }
  site.plant_at("other.lock", record("other"));
  std::sort(wanted.begin(), wanted.end());
  for (const std::size_t most : {1, 2, 3, 7, 100}) CHECK(all(site, "list-", most) == wanted);
}

CONTRACT_TEST("list: a removed key is gone from it, a new one is there at once", Site &site) {
  Held held = site.create("list.lock", record("a"));
  CHECK(all(site, "list", 5) == std::vector{site.key("list.lock")});
  NEEDS(site.gives().conditional_remove, "removal does not compare here");
  site.remove("list.lock", held);
  CHECK(all(site, "list", 5).empty());
}

}  // namespace vfslock::impl::contract
