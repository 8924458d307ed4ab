// The contract suite over mem://, in the kinds that the object stores come in.
#include <atomic>

#include "site.hpp"
#include "storage/memory/memory.hpp"

namespace vfslock::impl::contract {
namespace {

class MemorySite final : public Site {
 public:
  explicit MemorySite(const MemoryOptions &options) : memory_(std::make_shared<MemoryStore>(options)) {
    can.life = options.life;
    can.hints = true;
    can.exact_time = true;
  }

  // One memory has one store: all its clients share it.
  std::shared_ptr<Store> open() override { return memory_; }

  void plant(const std::string &key, const std::string &bytes) override { memory_->plant(key, bytes); }
  void wipe(const std::string &key) override { memory_->wipe(key); }

  bool end_life(const std::string &key, Tenure &) override {
    memory_->end_life(key);
    return true;
  }

  bool lose_next_answer() override {
    auto armed = std::make_shared<std::atomic<bool>>(true);
    memory_->inject({{}, [armed](const MemoryRequest &request) {
                       using Operation = MemoryRequest::Operation;
                       const bool writes =
                           request.operation == Operation::put || request.operation == Operation::remove;
                       MemoryFault fault;
                       if (writes && armed->exchange(false)) fault.kind = MemoryFault::Kind::unknown;
                       return fault;
                     }});
    return true;
  }

 private:
  const std::shared_ptr<MemoryStore> memory_;
};

std::unique_ptr<Site> with(bool conditional_remove, bool life) {
  MemoryOptions options;
  options.conditional_remove = conditional_remove;
  options.life = options.tells_refused = life;
  return std::make_unique<MemorySite>(options);
}

}  // namespace

const std::vector<SiteKind> &site_kinds() {
  static const std::vector<SiteKind> kinds = {
      {"memory", [] { return with(true, true); }},
      {"memory-tombstone", [] { return with(false, true); }},
      {"memory-as-network", [] { return with(true, false); }},
      {"memory-as-network-tombstone", [] { return with(false, false); }},
  };
  return kinds;
}

}  // namespace vfslock::impl::contract
