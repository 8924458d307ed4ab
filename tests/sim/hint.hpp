#pragma once
// What Store::arm makes here: a flag that the server raises at each change.
#include <algorithm>
#include <vector>

#include "loop.hpp"

namespace vfslock::sim {

class Hint;

struct Hints {
  Loop &loop;
  std::vector<Hint *> all = {};
  void announce();
};

class Hint final : public impl::Wakeup {
 public:
  explicit Hint(Hints &hints) : hints_(hints) { hints_.all.push_back(this); }
  ~Hint() override { hints_.all.erase(std::find(hints_.all.begin(), hints_.all.end(), this)); }
  std::size_t descriptors(int (&)[2]) override { return 0; }
  void drain() override { news = false; }
  std::optional<Duration> look_again() override { return std::nullopt; }

  bool news = false;

 private:
  Hints &hints_;
};

inline void Hints::announce() {
  for (Hint *hint : all) {
    hint->news = true;
    for (auto &activity : loop.activities())
      if (activity->hint == hint) loop.wake(*activity);
  }
}

}  // namespace vfslock::sim
