#include "storage/key_listing.hpp"

#include <deque>
#include <iterator>

#include "storage/lock_name.hpp"

namespace vfslock::impl {
namespace {

constexpr std::size_t page_size = 1000;

class Keys final : public Listing {
 public:
  Keys(Place folder, Location prefix, std::string pattern)
      : store_(std::move(folder.store)),
        prefix_(folder.key.substr(0, folder.key.rfind('/') + 1)),
        location_(std::move(prefix)),
        pattern_(std::move(pattern)) {}

  Result<std::optional<Found>> next(const Call &call) override {
    for (;;) {
      while (!keys_.empty()) {
        std::string key = std::move(keys_.front());
        keys_.pop_front();
        auto file = locked_name(key, pattern_);
        if (!file) continue;
        Location location = location_;
        location.path = "/" + *file;
        return std::optional<Found>(Found{{store_, std::move(key)}, std::move(location)});
      }
      if (ended_) return std::optional<Found>();
      auto page = store_->list(prefix_, from_, page_size, call);
      if (!page) {
        ended_ = true;  // what comes after it cannot be found
        return page.error();
      }
      keys_.assign(std::make_move_iterator(page->keys.begin()), std::make_move_iterator(page->keys.end()));
      from_ = std::move(page->next);
      ended_ = from_.empty();
    }
  }

 private:
  const std::shared_ptr<Store> store_;
  const std::string prefix_;
  const Location location_;
  const std::string pattern_;
  std::deque<std::string> keys_;
  std::string from_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Listing> list_keys(Place folder, const Location &prefix, std::string pattern) {
  return std::make_unique<Keys>(std::move(folder), prefix, std::move(pattern));
}

}  // namespace vfslock::impl
