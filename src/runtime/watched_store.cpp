#include "runtime/watched_store.hpp"

#include "base/clock.hpp"

namespace vfslock::impl {
namespace {

// What an answer is in words.
template <class Answer>
std::string outcome(const Answer &answer) {
  if (std::holds_alternative<Refused>(answer)) return "refused: the condition did not hold";
  if (const auto *unknown = std::get_if<Unknown>(&answer)) return "unknown: " + unknown->cause.message;
  return "done";
}
std::string outcome(const Look &look) {
  return look ? std::to_string(look->bytes.size()) + " bytes" : std::string("nothing is there");
}
std::string outcome(const Guarantee &guarantee) { return guarantee.how; }
std::string outcome(const Page &page) { return std::to_string(page.keys.size()) + " names"; }
std::string outcome(const Examination &examination) { return examination.guarantee.how; }

class WatchedStore final : public Store {
 public:
  WatchedStore(std::shared_ptr<Store> store, std::string uri, std::shared_ptr<Watcher> watcher)
      : store_(std::move(store)), uri_(std::move(uri)), watcher_(std::move(watcher)) {}

  Result<Guarantee> guarantee(const Call &call) override {
    return told("guarantee", [&] { return store_->guarantee(call); });
  }
  Result<Guarantee> known_guarantee(const Call &call) override { return store_->known_guarantee(call); }
  Result<Look> get(const std::string &key, Reading reading, const Call &call) override {
    return told("get", [&] { return store_->get(key, reading, call); });
  }
  Result<Put> put(const std::string &key, const Write &write, const Condition &condition, Step step, TenurePtr &tenure,
                  const Call &call) override {
    const char *what = std::holds_alternative<IfAbsent>(condition) ? "put if absent" : "put if unchanged";
    return told(what, [&] { return store_->put(key, write, condition, step, tenure, call); });
  }
  Result<Removal> remove(const std::string &key, const Version &version, TenurePtr &tenure, const Call &call) override {
    return told("remove if unchanged", [&] { return store_->remove(key, version, tenure, call); });
  }
  void arm(const std::string &key, std::unique_ptr<Wakeup> &hint) override { store_->arm(key, hint); }
  Result<Page> list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) override {
    return told("list", [&] { return store_->list(prefix, from, most, call); });
  }
  Result<Examination> examine(const std::string &key, const Call &call) override {
    return told("probe", [&] { return store_->examine(key, call); });
  }
  std::optional<Duration> clock_skew() const override { return store_->clock_skew(); }
  std::string identity(const std::string &key) const override { return store_->identity(key); }

 private:
  template <class Do>
  auto told(const char *what, Do request) -> decltype(request()) {
    const BootTime began = boot_now();
    auto answer = request();
    const Duration took = boot_now() - began;
    watcher_->tell([&] {
      const std::string words = answer ? outcome(*answer) : answer.error().message;
      const Status status = answer ? Status::OK : answer.error().status;
      return Happening{Severity::debug, "request", uri_, std::string(what) + ": " + words, status, took};
    });
    return answer;
  }

  const std::shared_ptr<Store> store_;
  const std::string uri_;
  const std::shared_ptr<Watcher> watcher_;
};

}  // namespace

std::shared_ptr<Store> watched(std::shared_ptr<Store> store, std::string uri, std::shared_ptr<Watcher> watcher) {
  return std::make_shared<WatchedStore>(std::move(store), std::move(uri), std::move(watcher));
}

}  // namespace vfslock::impl
