#pragma once
// Pages of a storage that lists its keys in no useful order: sorted, each going on after its last key.
#include <set>
#include <string>
#include <string_view>

#include "seam/store.hpp"

namespace vfslock::impl {

class SortedPage {
 public:
  SortedPage(std::string_view prefix, std::string_view after, std::size_t most) : prefix_(prefix), after_(after), most_(most) {}

  void offer(std::string_view key) {
    if (key.substr(0, prefix_.size()) != prefix_ || key <= after_) return;
    keys_.emplace(key);
    if (keys_.size() > most_ + 1) keys_.erase(std::prev(keys_.end()));
  }

  Page take() {
    Page page;
    const bool more = keys_.size() > most_;
    if (more) keys_.erase(std::prev(keys_.end()));
    page.keys.assign(keys_.begin(), keys_.end());
    if (more && !page.keys.empty()) page.next = page.keys.back();
    return page;
  }

 private:
  const std::string_view prefix_;
  const std::string_view after_;
  const std::size_t most_;
  std::set<std::string> keys_;  // the least ones, and one more that tells whether there are more
};

}  // namespace vfslock::impl
