#include "plan.hpp"

namespace vfslock::sim {

// Each kind of fault is there in less than half of the runs, in one of three strengths: a run with all of them at once
// hardly gets to anything interesting.
static std::uint64_t strength(Dice &dice, std::uint64_t most) {
  return dice.chance(550) ? 0 : most / dice.one_of<std::uint64_t>({1, 2, 6});
}

Plan::Plan(Dice &dice) {
  kind = dice.one_of<Kind>({Kind::conditional_delete, Kind::conditional_delete, Kind::released_only, Kind::released_only, Kind::local,
                            Kind::s3, Kind::s3});
  extreme_clocks = dice.chance(700);
  content_versions = dice.chance(500) || kind == Kind::s3;
  shows_refused = dice.chance(400) && kind != Kind::s3;
  denies_removal = kind == Kind::s3 && dice.chance(200);
  dates = network() && dice.chance(300);
  nodes = 2 + dice.below(4);
  users = 1 + dice.below(2);
  leases = dice.one_of<std::vector<Duration>>(
      {{seconds(1)}, {seconds(2)}, {seconds(1), seconds(4)}, {seconds(2), seconds(3), seconds(8)}, {milliseconds(1500), seconds(6)}});
  endless = dice.chance(200) ? 200 : 0;
  keep = dice.one_of<std::uint64_t>({0, 0, 300, 1000});
  outstay = dice.one_of<std::uint64_t>({100, 300, 1000});
  renewal = dice.one_of<std::uint64_t>({200, 500, 800, 1000});
  if (network()) {
    faults.drop = strength(dice, 300);
    faults.lose_answer = strength(dice, 300);
    faults.slow = strength(dice, 600);
    faults.late = strength(dice, 350);
    faults.twice = strength(dice, 500);
    faults.conflict = strength(dice, 150);
    faults.busy = strength(dice, 150);
    if (kind == Kind::s3) faults.unclear = strength(dice, 200);
    cuts = dice.below(4);
    cut_after = strength(dice, 100);
  } else {
    cuts = cut_after = 0;
  }
  stop_at_clock = strength(dice, 60);
  stops = dice.below(5);
  crashes = dice.below(nodes);
  steps = dice.below(4);
  foreigners = dice.chance(250) ? 1 + dice.below(4) : 0;
  ask = dice.one_of<std::uint64_t>({0, 100, 1000});
  heal = dice.between(seconds(10), seconds(35));
}

std::string Plan::text() const {
  const auto number = [](std::uint64_t n) { return std::to_string(n); };
  std::string out = kind == Kind::local ? "local disk" : kind == Kind::released_only ? "released records only" : "conditional delete";
  if (kind == Kind::s3) out = denies_removal ? "S3 that denies removal" : "S3";
  if (extreme_clocks && network()) out += ", extreme clocks";
  out += content_versions ? ", versions are hashes" : ", versions are numbers";
  out += ", " + number(nodes) + " nodes of " + number(users) + ", leases";
  for (Duration lease : leases) out += " " + number(static_cast<std::uint64_t>(lease / milliseconds(1))) + "ms";
  out += ", endless " + number(endless) + "‰, keep " + number(keep) + "‰, outstay " + number(outstay) +
         "‰, renewed " + number(renewal) + "‰; drop " + number(faults.drop) + "‰, lose answer " +
         number(faults.lose_answer) + "‰, slow " + number(faults.slow) + "‰, late " + number(faults.late) + "‰, twice " +
         number(faults.twice) + "‰, conflict " + number(faults.conflict) + "‰, busy " + number(faults.busy) + "‰, unclear " + number(faults.unclear) + "‰; stops " +
         number(stops) + ", crashes " + number(crashes) + ", wall steps " + number(steps) + ", cuts " + number(cuts) + " and " +
         number(cut_after) + "‰, foreign records " + number(foreigners) + ", asked " + number(ask) + "‰";
  return out;
}

}  // namespace vfslock::sim
