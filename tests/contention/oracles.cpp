// Each oracle sees what it is there for, in made-up logs of two holds, and nothing where nothing is wrong.
#include <doctest/doctest.h>

#include <algorithm>
#include <new>
#include <tuple>

#include "board.hpp"
#include "sweep.hpp"

using namespace contention;

namespace {

struct Run {
  Shared shared{2, 4};
  Expectation expect;
  std::vector<Finding> findings;
  Summary summary;

  Hold &hold(std::uint32_t slot, std::int64_t enter, std::int64_t end, std::int64_t token) {
    const std::uint32_t index = shared.slot(slot).holds.fetch_add(1);
    Hold &made = *new (&shared.hold(slot, index)) Hold{};
    made.enter = enter;
    made.end = end;
    made.deadline = enter + 1000;
    made.token = token;
    made.touched = end;
    made.released = end + 1;
    made.outcome = Outcome::left;
    made.mark(Step::done);
    return made;
  }

  void judge(std::int64_t counter = 2) { summary = sweep(log_of(shared), counter, expect, findings); }
  std::int64_t seen(const char *oracle) const {
    return std::count_if(findings.begin(), findings.end(), [&](const Finding &f) { return f.oracle == oracle; });
  }
  bool only(const char *oracle) const {
    return !findings.empty() && seen(oracle) == static_cast<std::int64_t>(findings.size());
  }
};

// As a kill leaves it.
void die(Hold &hold, std::int64_t killed_at) {
  hold.outcome = Outcome::killed;
  hold.killed_at = killed_at;
  hold.released = 0;
  hold.mark(Step::inside);
}

// As it is when its holder wakes up after another has come.
void lose(Hold &hold, std::int64_t told_lost) {
  hold.outcome = Outcome::lost;
  hold.told_lost = told_lost;
  hold.released = told_lost + 1;
  hold.release_status = -201;
}

const std::uint64_t first = Shared::id(0, 0);

}  // namespace

TEST_CASE("one after the other: nothing is found") {
  Run run;
  run.hold(0, 10, 20, 1);
  run.hold(1, 21, 30, 2);
  run.judge();
  CHECK(run.findings.empty());
  CHECK(run.summary.left == 2);
}

TEST_CASE("intervals that overlap by one nanosecond") {
  Run run;
  run.hold(0, 10, 20, 1);
  run.hold(1, 19, 30, 2);
  run.judge();
  CHECK(run.only("intervals"));
}

TEST_CASE("a short hold inside a long one, and one after it that still overlaps") {
  Run run;
  run.hold(0, 10, 100, 1);
  run.hold(1, 20, 30, 2);
  run.hold(1, 40, 50, 3);
  run.judge(3);
  CHECK(run.seen("intervals") == 2);
}

TEST_CASE("somebody in the exchange word, on entering and on leaving") {
  Run run;
  run.hold(0, 10, 20, 1);
  run.hold(1, 21, 30, 2).found = first;
  run.judge();
  CHECK(run.only("exchange"));
  Run leaving;
  leaving.hold(0, 10, 20, 1).swapped = Shared::id(1, 0);
  leaving.hold(1, 21, 30, 2);
  leaving.judge();
  CHECK(leaving.only("exchange"));
}

TEST_CASE("tokens that repeat or fall") {
  for (const std::int64_t token : {5, 4}) {
    Run run;
    run.hold(0, 10, 20, 5);
    run.hold(1, 21, 30, token);
    run.judge();
    CHECK(run.only("tokens"));
  }
}

TEST_CASE("a counter that lost or won something") {
  for (const std::int64_t counter : {1, 3}) {
    Run run;
    run.hold(0, 10, 20, 1);
    run.hold(1, 21, 30, 2);
    run.judge(counter);
    CHECK(run.only("counter"));
  }
}

TEST_CASE("a killed holder counts until the signal was sent; its mark may stay in the word") {
  Run run;
  run.expect.faults = true;
  die(run.hold(0, 10, 15, 1), 20);
  run.hold(1, 21, 30, 2).found = first;
  run.judge(1);
  CHECK(run.findings.empty());
  CHECK(run.summary.takeovers == 1);
  Run early;
  early.expect.faults = true;
  die(early.hold(0, 10, 15, 1), 20);
  early.hold(1, 18, 30, 2).found = first;
  early.judge(1);
  CHECK(early.seen("intervals") == 1);
  CHECK(early.seen("exchange") == 1);
}

TEST_CASE("a killed holder whom nobody follows") {
  Run run;
  run.expect.faults = true;
  run.hold(1, 1, 5, 1);
  die(run.hold(0, 10, 15, 2), 20);
  run.judge(1);
  CHECK(run.only("takeover"));
}

TEST_CASE("a robbed holder counts until its deadline, also if it is killed before it wakes") {
  for (const bool killed : {false, true}) {
    for (const std::int64_t enter : {1010, 1009}) {  // its lease ends at 1010
      Run run;
      run.expect.faults = true;
      Hold &robbed = run.hold(0, 10, 15, 1);
      lose(robbed, 2000);
      if (killed) die(robbed, 2000);
      run.hold(1, enter, 1500, 2).found = first;
      run.judge(1);
      CHECK(run.findings.empty() == (enter == 1010));
      CHECK(run.seen("intervals") == (enter == 1009));
      CHECK(run.seen("exchange") == (enter == 1009));
    }
  }
}

TEST_CASE("a holder that is told too early that it lost, or loses although nobody disturbed it") {
  Run run;
  run.expect.faults = true;
  lose(run.hold(0, 10, 15, 1), 900);
  run.hold(1, 2000, 2500, 2);
  run.judge(1);
  CHECK(run.only("belief"));
  Run quiet;
  lose(quiet.hold(0, 10, 15, 1), 1100);
  quiet.hold(1, 2000, 2500, 2);
  quiet.judge(1);
  CHECK(quiet.only("belief"));
}

TEST_CASE("a release that fails, and one that gives back what is lost") {
  Run run;
  run.hold(0, 10, 20, 1).release_status = -201;
  run.hold(1, 21, 30, 2);
  run.judge();
  CHECK(run.only("release"));
  Run lost;
  lost.expect.faults = true;
  Hold &hold = lost.hold(0, 10, 20, 1);
  lose(hold, 1100);
  hold.release_status = 0;
  lost.hold(1, 2000, 2500, 2);
  lost.judge(1);
  CHECK(lost.only("release"));
}

TEST_CASE("over a network, among faults, what became of a release may stay unknown; nothing else may") {
  for (const auto &[status, network, faults, found] :
       {std::tuple(-701, true, true, false), {-700, true, true, false}, {-201, true, true, true}, {-701, false, true, true},
        {-701, true, false, true}}) {
    Run run;
    run.expect.network = network;
    run.expect.faults = faults;
    run.hold(0, 10, 20, 1).release_status = status;
    run.hold(1, 21, 30, 2);
    run.judge();
    CHECK(run.only("release") == found);
  }
}

TEST_CASE("a hold that never ended, and a machine too slow for the lease") {
  Run run;
  run.hold(0, 10, 20, 1).outcome = Outcome::open;
  run.hold(1, 21, 30, 2);
  run.judge(1);
  CHECK(run.only("rest"));
  Run slow;
  slow.hold(0, 10, 20, 1).touched = 1011;
  slow.hold(1, 2000, 2500, 2);
  slow.judge();
  CHECK(slow.only("rest"));
}
