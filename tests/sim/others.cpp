#include "others.hpp"

#include "base/rfc3339.hpp"

namespace vfslock::sim {

using namespace impl;

void Others::put_foreign() {
  if (stage_.healed_at) return;
  if (stage_.server.object()) {
    stage_.loop.at(stage_.loop.now() + milliseconds(20), [this] { put_foreign(); });
    return;
  }
  const Duration ttl = stage_.dice.chance(200) ? Duration::zero() : stage_.dice.between(seconds(1), seconds(5));
  const std::string bytes = "{\"createdAt\":\"" + format_rfc3339(true_wall(stage_.loop.now())) + "\",\"ttl\":" +
                            std::to_string(ttl.count()) + ",\"hostname\":\"far\",\"pid\":" + std::to_string(++written_) +
                            ",\"ownerId\":\"another program\"}";
  left_ = stage_.server.put({"foreign"}, bytes);
  if (stage_.dice.chance(400) || ttl == Duration::zero())
    stage_.loop.at(stage_.loop.now() + stage_.dice.between(milliseconds(100), std::max<Duration>(ttl, seconds(3))), [this] { remove_foreign(); });
}

// Only its own; a program that checked and then acted would break every promise (RELIABILITY §5).
void Others::remove_foreign() {
  if (stage_.server.object() && stage_.server.object()->version == left_) stage_.server.remove({"foreign"});
}

void Others::heal() { remove_foreign(); }

void Others::operate() {
  break_endless();
  stage_.loop.at(stage_.loop.now() + seconds(2), [this] { operate(); });
}

// R13: a released record with a higher token in place of exactly that record. A tenure that somebody believes in, or
// whose acquisition still goes on, is left alone.
void Others::break_endless() {
  const auto &there = stage_.server.object();
  if (!there || !there->record || there->record->foreign() || there->record->released) return;
  if (there->record->lease != Duration::zero() || stage_.server.lives(there->tenure)) return;
  if (stage_.oracle.believed(there->record->lock_id)) return;
  for (const auto &activity : stage_.loop.activities())
    if (!activity->killed && activity->own_locks.count(there->record->lock_id)) return;
  Record broken = released_form(*there->record);
  broken.seq += 1;
  broken.token += 1;
  const std::string number = std::to_string(++written_);
  broken.write_id = std::string(32 - number.size(), '0') + number;
  stage_.tally(Count::broken);
  stage_.server.put({"operator"}, encode(broken));
}

}  // namespace vfslock::sim
