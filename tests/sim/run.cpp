#include "run.hpp"

#include "others.hpp"

namespace vfslock::sim {
namespace {

class Run {
 public:
  Run(std::uint64_t seed, bool tracing, Tally &tally)
      : tally_(tally),
        dice_(seed),
        plan_(dice_),
        oracle_(loop_, dice_, plan_, tally),
        server_(loop_, plan_, oracle_),
        network_(loop_, dice_, plan_, tally, server_),
        stage_{loop_, dice_, plan_, tally, server_, oracle_},
        others_(stage_) {
    loop_.tracing = tracing;
    loop_.say("seed", [&] { return std::to_string(seed) + ": " + plan_.text(); });
    for (std::uint64_t n = 0; n < plan_.nodes; ++n) add_node(n);
    schedule();
  }
  ~Run() { loop_.kill_all(); }

  Outcome finish();

 private:
  void add_node(std::uint64_t index);
  void schedule();
  void at_random(std::uint64_t times, void (Run::*what)());
  Node &any_node() { return *nodes_[dice_.below(nodes_.size())]; }
  void stop();
  void crash();
  void step_clock();
  void cut();
  void foreign() { others_.put_foreign(); }
  void heal();
  void check_end();

  Tally &tally_;
  Loop loop_;
  Dice dice_;
  Plan plan_;
  Oracle oracle_;
  Server server_;
  Network network_;
  Stage stage_;
  Others others_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<User>> users_;
  Duration somebody_by_ = forever;  // when, at the latest, somebody must have got the lock
  Duration all_by_ = forever;
};

void Run::add_node(std::uint64_t index) {
  Node &node = *nodes_.emplace_back(std::make_unique<Node>(loop_, dice_, plan_, index));
  std::shared_ptr<impl::Store> store;
  if (plan_.network()) store = std::make_shared<NetworkStore>(network_, node, plan_);
  else store = std::make_shared<LocalStore>(loop_, dice_, server_, node);
  for (std::uint64_t n = 0; n < plan_.users; ++n) {
    const std::string name = node.name + ".u" + std::to_string(n);
    User &user = *users_.emplace_back(std::make_unique<User>(stage_, node, store, name));
    loop_.spawn(name, node, [&user] { user.run(); });
  }
}

void Run::at_random(std::uint64_t times, void (Run::*what)()) {
  for (std::uint64_t n = 0; n < times; ++n) loop_.at(dice_.between({}, plan_.heal), [this, what] { (this->*what)(); });
}

void Run::schedule() {
  at_random(plan_.stops, &Run::stop);
  at_random(plan_.crashes, &Run::crash);
  at_random(plan_.steps, &Run::step_clock);
  at_random(plan_.cuts, &Run::cut);
  at_random(plan_.foreigners, &Run::foreign);
  if (plan_.endless) others_.operate();
  loop_.at(plan_.heal, [this] { heal(); });
}

void Run::stop() { any_node().stop_for(dice_.between(milliseconds(100), 3 * plan_.longest_lease())); }

// Dead processes stay dead, and somebody must be left to take the lock in the end.
void Run::crash() {
  Node &node = any_node();
  std::size_t living = 0;
  for (const auto &one : nodes_) living += !one->dead;
  if (node.dead || living == 1) return;
  loop_.say(node.name, [] { return "CRASHES"; });
  oracle_.crashed(node);
  for (const auto &activity : loop_.activities())
    if (&activity->process == &node && activity->in_flight) tally_(Count::crashed_sending);
  loop_.crash(node);
}

void Run::step_clock() {
  const Duration by = dice_.one_of<Duration>({milliseconds(300), seconds(1), dice_.between(seconds(60), seconds(3600))}) * (dice_.chance(500) ? 1 : -1);
  Node &chosen = any_node();
  for (const auto &node : nodes_) {
    if (node.get() != &chosen && plan_.network()) continue;  // processes of one machine share its clock
    node->step_wall(by);
    oracle_.clock_stepped(*node, by);
  }
}

void Run::cut() { any_node().cut_off(dice_.between(milliseconds(200), 2 * plan_.longest_lease())); }

void Run::heal() {
  loop_.say("run", [] { return "all is healed"; });
  stage_.healed_at = loop_.now();
  network_.heal();
  for (const auto &node : nodes_) node->heal();
  others_.heal();
  // Three leases by the slowest clock, and a poll. An acquisition or a lock without a TTL polls, and waits for an
  // answer, for 10 s.
  const Duration lease = std::max<Duration>(plan_.longest_lease(), seconds(2)) * 115 / 100;
  const Duration poll = plan_.endless ? Duration(seconds(12)) * 2 : lease / 3;
  somebody_by_ = loop_.now() + 3 * lease + poll;
  all_by_ = somebody_by_ + static_cast<std::int64_t>(users_.size()) * (3 * lease + poll);
}

Outcome Run::finish() {
  constexpr int most_steps = 1'000'000;
  int steps = 0;
  while (loop_.failure().empty() && !(loop_.idle() && stage_.healed_at) && loop_.step()) {
    oracle_.step();
    if (++steps == most_steps) loop_.fail("the run does not end");
    if (loop_.now() > somebody_by_ && !stage_.first_after_heal) loop_.fail("nobody gets the lock within three leases after all was healed");
    if (loop_.now() > all_by_) loop_.fail("not everybody gets the lock after all was healed");
  }
  if (loop_.failure().empty()) check_end();
  loop_.kill_all();
  return {loop_.failure(), std::move(loop_.trace)};
}

void Run::check_end() {
  if (!stage_.first_after_heal) loop_.fail("nobody got the lock after all was healed");
  if (oracle_.believers() != 0) loop_.fail("somebody still believes after the end");
  const auto &there = server_.object();
  if (there && !(there->record && there->record->released)) loop_.fail("an orphan is left: " + brief(there->bytes));
}

}  // namespace

Outcome run_seed(std::uint64_t seed, bool tracing, Tally &tally) { return Run(seed, tracing, tally).finish(); }

}  // namespace vfslock::sim
