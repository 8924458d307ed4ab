#pragma once
// A site: one storage as the contract suite sees it. Each case gets a fresh one. Adding a storage is one file that
// derives from Site and defines site_kinds() (memory_site.cpp is the pattern), and its lines in meson.build.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "seam/store.hpp"

namespace vfslock::impl::contract {

// What a storage can do is asked here; a case that needs more is skipped and says why.
struct Capabilities {
  bool life = false;            // a holder's death is proven: Seen::life, Step::begin refused where somebody lives
  bool hints = false;           // arm() gives something to poll on
  bool mixed_hints = false;     // Reading::hint may show a mix of two writes (writes are made in place)
  bool padding = false;         // spaces may follow the bytes that were written
  bool exact_time = false;      // the store's time is not older than the moment of the call (no whole seconds)
  bool control_keys = true;     // keys may hold control bytes
  bool slash_keys = true;       // keys may hold '/'
  bool folds_slashes = false;   // a//b and a/b are one key, and no part of a key is longer than a file's name
  bool slow_losers = false;     // who loses a race waits for seconds: fewer rounds
  std::size_t longest_key = 1024;
};

// What a holder has. Moved, not copied, as a handle of the core would be.
struct Held {
  Version version;
  std::string bytes;
  TenurePtr tenure;
};

class Site {
 public:
  virtual ~Site() = default;

  Capabilities can;

  // Another client of the same place, as another process would have it. Called by one thread at a time.
  virtual std::shared_ptr<Store> open() = 0;

  // The object as others make it, outside any protocol; any size.
  virtual void plant(const std::string &key, const std::string &bytes) = 0;
  virtual void wipe(const std::string &key) = 0;

  // Ends the proof of life under a tenure that still exists (a program closed all its descriptors); false: cannot.
  virtual bool end_life(const std::string &key, Tenure &tenure) {
    (void)key, (void)tenure;
    return false;
  }

  // The next write's answer is lost after the write was applied; false: cannot.
  virtual bool lose_next_answer() { return false; }

  // Where a case's `name` lies; sites that share one place among cases put a prefix before it.
  virtual std::string key(const std::string &name) { return name; }

  // --- words for the cases, the same for every site (site.cpp) ---

  int rounds(int usual) const { return can.slow_losers ? 1 + usual / 50 : usual; }
  Store &store();            // the first client
  const Guarantee &gives();  // its guarantee
  static Call soon();        // a deadline far enough away

  Result<Put> put(Store &by, const std::string &name, const std::string &bytes, const Condition &condition, Step step,
                  TenurePtr &tenure, const Call &call = soon());
  Result<Put> put(const std::string &name, const std::string &bytes, const Condition &condition, Step step,
                  TenurePtr &tenure);
  Result<Removal> remove(const std::string &name, const Version &version, TenurePtr &tenure);
  Look look(const std::string &name, Reading reading = Reading::exact);
  Look look(Store &by, const std::string &name, Reading reading = Reading::exact);
  void plant_at(const std::string &name, const std::string &bytes) { plant(key(name), bytes); }
  void wipe_at(const std::string &name) { wipe(key(name)); }

  // These fail the case where the write does not land.
  Held create(const std::string &name, const std::string &bytes);
  Held create(Store &by, const std::string &name, const std::string &bytes);
  Held seize(const std::string &name, const Version &version, const std::string &bytes);
  void keep(const std::string &name, Held &held, const std::string &bytes);
  void end(const std::string &name, Held &held, const std::string &bytes);
  void remove(const std::string &name, Held &held);

  // Frees the lock as the core would: removed where that compares, else an end.
  void release(const std::string &name, Held &held);

  // What stands there is exactly this state (padding aside).
  void stands(const std::string &name, const Version &version, const std::string &bytes);
  bool same(const std::string &stored, const std::string &written) const;

 private:
  std::shared_ptr<Store> first_;
  std::optional<Guarantee> gives_;
};

bool landed(const Result<Put> &put);
bool refused(const Result<Put> &put);
bool failed_as(const Result<Put> &put, Status status);
bool done(const Result<Removal> &removal);
bool refused(const Result<Removal> &removal);

// Bytes that no other write has (R2), as long as asked for.
std::string record(const std::string &what, std::size_t size = 0);
Write write_of(std::function<std::string(std::optional<std::int64_t>)> bytes);

struct SiteKind {
  std::string name;
  std::function<std::unique_ptr<Site>()> make;
};

// Defined once by each storage's site file.
const std::vector<SiteKind> &site_kinds();

}  // namespace vfslock::impl::contract
