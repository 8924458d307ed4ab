#pragma once
// mem://: objects in this process's memory. The reference implementation of seam/store.hpp, and what programs test
// themselves with: its kind, its clock and its faults can be chosen.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "seam/store.hpp"
#include "storage/registry.hpp"

namespace vfslock::impl {

namespace memory {
struct Table;
}

struct MemoryOptions {
  bool conditional_remove = true;  // false: a store that can only overwrite, so that releases leave a record
  bool life = true;                // false: as on a network, nobody can be proven dead
  bool dates = false;              // true: reads tell last-modified and the store's date
  bool shared_clock = true;
  bool tells_refused = true;       // false: a refusal does not tell what is there, as over HTTP
  std::size_t max_object = max_object_bytes;
  // Called under the store's mutex.
  std::function<BootTime()> now = boot_now;   // deadlines
  std::function<WallTime()> wall = wall_now;  // the store's time
};

// A request as the hooks see it. What is null does not belong to the operation.
struct MemoryRequest {
  enum class Operation { guarantee, get, put, remove, list };
  Operation operation;
  const std::string *key;
  const Write *write;
  const Step *step;
  const Call *call;
};

// What becomes of a request or of its answer. Where a hook delays, it blocks; it is called without any mutex.
struct MemoryFault {
  enum class Kind {
    none,
    error,    // `cause` is the answer. After a write that landed: as unknown, since an error means "not applied"
    unknown,  // the answer is lost. For get and guarantee: `cause` as the error
  };
  Kind kind = Kind::none;
  Error cause = {Status::UNAVAILABLE, "injected fault"};
};

struct MemoryFaults {
  std::function<MemoryFault(const MemoryRequest &)> before;  // any fault: the request is not applied
  std::function<MemoryFault(const MemoryRequest &)> after;   // it was applied, if it could be
};

class MemoryStore final : public Store {
 public:
  // Without a name it is one of its own; the name is only its identity, named_memory() shares.
  explicit MemoryStore(MemoryOptions options = {}, std::optional<std::string> name = std::nullopt);
  ~MemoryStore() override;

  Result<Guarantee> guarantee(const Call &call) override;
  Result<Look> get(const std::string &key, Reading reading, const Call &call) override;
  Result<Put> put(const std::string &key, const Write &write, const Condition &condition, Step step,
                  TenurePtr &tenure, const Call &call) override;
  Result<Removal> remove(const std::string &key, const Version &version, TenurePtr &tenure,
                         const Call &call) override;
  void arm(const std::string &key, std::unique_ptr<Wakeup> &hint) override;
  Result<Page> list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) override;
  std::string identity(const std::string &key) const override;

  void inject(MemoryFaults faults);  // from the next request on; {} ends it

  // What others do to the objects, outside any protocol.
  void plant(const std::string &key, std::string bytes);  // writes, of any size
  void wipe(const std::string &key);                      // deletes
  void end_life(const std::string &key);                  // the holder's proof of life goes, as if it had died

 private:
  template <class Answer, class Apply>
  Result<Answer> serve(const MemoryRequest &request, Apply apply);

  const MemoryOptions options_;
  const std::shared_ptr<memory::Table> table_;
  std::shared_ptr<const MemoryFaults> faults_;
};

// The memory that mem://name/… leads to; it lives as long as the process. A forked child begins with empty ones.
std::shared_ptr<MemoryStore> named_memory(const std::string &name);

Result<Place> open_memory(const Location &location, std::string_view pattern);

}  // namespace vfslock::impl
