#include "user.hpp"

namespace vfslock::sim {

using namespace impl;

namespace {

bool is_own(const Activity &self, const Record &record) {
  return !record.foreign() && std::count(self.own_writes.begin(), self.own_writes.end(), record.write_id) != 0;
}

// The caller's decisions, and what the core must never show it.
class Decisions final : public Handlers {
 public:
  Decisions(Stage &stage, Steal steal) : stage_(stage), steal_(steal) {}

  Result<Verdict> stale(const Judgement &) override {
    if (stage_.healed_at || !stage_.dice.chance(60)) return Verdict::steal;
    return stage_.dice.chance(500) ? Verdict::wait : Verdict::veto;
  }
  Result<bool> waiting(const Judgement &judgement, Duration) override {
    Activity &self = *stage_.loop.current();
    if (judgement.standing == Standing::foreign) stage_.tally(Count::foreign_honoured);
    if (judgement.record && is_own(self, *judgement.record))
      stage_.loop.fail("F02: " + self.name + " waits for itself");
    return !(stage_.healed_at && steal_ != Steal::lease);  // who may not steal could wait for ever
  }

 private:
  Stage &stage_;
  Steal steal_;
};

}  // namespace

User::User(Stage &stage, Node &node, std::shared_ptr<Store> store, std::string name)
    : stage_(stage), node_(node), target_{std::move(store), "key.lock", &node, &node, &node.observations}, name_(std::move(name)) {}

User::Session::Session(Stage &its_stage, Node &node, std::unique_ptr<Holder> held, bool renewal, const std::string &who)
    : stage(its_stage),
      holder(std::move(held)),
      care(*holder, renewal, node),
      watched(stage.oracle.watch(node, *holder, who, stage.server.object())) {}

User::Session::~Session() { stage.oracle.unwatch(watched); }

void User::pause(Duration most) {
  if (!stage_.healed_at) node_.sleep(node_.boot_shows() + stage_.dice.between({}, most), nullptr, nullptr);
}

void User::run() {
  pause(seconds(3));
  while (!stage_.healed_at) {
    errand();
    stage_.loop.current()->own_locks.clear();
    stage_.loop.current()->own_writes.clear();
    stage_.loop.current()->open_create.clear();
    pause(milliseconds(1500));
  }
  last_errand();
}

Options User::options() {
  Options out;
  out.lease = stage_.dice.chance(stage_.plan.endless) ? Duration::zero() : stage_.dice.one_of(stage_.plan.leases);
  out.renewal = stage_.dice.chance(stage_.plan.renewal);
  out.keep = stage_.dice.chance(stage_.plan.keep);
  if (stage_.dice.chance(50)) out.steal = stage_.dice.chance(500) ? Steal::dead : Steal::never;
  out.owner = name_;
  out.host = node_.name;
  out.boot_id = "simulated";
  return out;
}

// Who is refused is told by whom, and never that it is itself (F02).
void User::judge_refusal(const Error &error) {
  if (error.status == Status::CANCELLED) stage_.tally(Count::cancelled);
  if (error.status != Status::HELD && error.status != Status::TIMEOUT) return;
  stage_.tally(error.status == Status::HELD ? Count::refused : Count::timed_out);
  if (error.record.empty()) return stage_.loop.fail(name_ + " was refused although nobody was seen to hold");
  auto decoded = decode(error.record);
  const auto *record = std::get_if<Record>(&decoded);
  if (record && is_own(*stage_.loop.current(), *record)) stage_.loop.fail("F02: " + name_ + " was refused by itself");
}

void User::errand() {
  const Options wish = options();
  Wait wait;
  if (stage_.dice.chance(700)) wait.limit = stage_.dice.between({}, seconds(12));
  const auto cancel = stage_.dice.chance(150) ? std::make_shared<Cancel>() : nullptr;
  if (cancel) {
    wait.cancel = cancel.get();
    stage_.loop.at(stage_.loop.now() + stage_.dice.between({}, seconds(4)), [&loop = stage_.loop, cancel] { loop.trigger(*cancel); });
  }
  stage_.loop.say(name_, [&] {
    return "ACQUIRES, lease " + in_seconds(wish.lease) + ", waits " + in_seconds(*wait.limit) + (wish.keep ? ", keep" : "");
  });
  Decisions decisions(stage_, wish.steal);
  auto got = acquire(target_, wish, decisions, wait);
  if (!got) {
    stage_.loop.say(name_, [&] { return std::string("acquires nothing: ") + status_name(static_cast<int>(got.error().status)) + ", " + got.error().message; });
    return judge_refusal(got.error());
  }
  const auto session = begin(std::move(*got), wish.renewal);
  hold(session);
  session->over = true;
}

// When all is healed: once more, for as long as it takes, and out.
void User::last_errand() {
  Options wish;
  wish.lease = seconds(2);
  wish.owner = name_;
  wish.keep = stage_.plan.keep == 1000;
  Decisions decisions(stage_, wish.steal);
  auto got = acquire(target_, wish, decisions, {std::nullopt, nullptr});
  if (!got) return stage_.loop.fail(name_ + " does not get the lock although all is healed: " + got.error().message);
  const auto session = begin(std::move(*got), true);
  release(*session, true);
  session->over = true;
}

std::shared_ptr<User::Session> User::begin(std::unique_ptr<Holder> holder, bool renewal) {
  stage_.tally(Count::grants);
  if (stage_.healed_at && !stage_.first_after_heal) stage_.first_after_heal = stage_.loop.now();
  stage_.loop.say(name_, [&] { return "HAS the lock, token " + std::to_string(holder->record()->token); });
  auto session = std::make_shared<Session>(stage_, node_, std::move(holder), renewal, name_);
  if (renewal) stage_.loop.spawn(name_ + ".k", node_, [this, session] { keep(session); });
  return session;
}

void User::keep(const std::shared_ptr<Session> &session) {
  Holder &holder = *session->holder;
  // Some keepers starve, which is what leases are for (F18).
  const BootTime starves = stage_.dice.chance(300) ? node_.boot_shows() + stage_.dice.between({}, 2 * stage_.plan.longest_lease()) : never;
  while (!session->over && (node_.boot_shows() < starves || stage_.healed_at)) {
    const BootTime soon = node_.boot_shows() + milliseconds(500);  // the runtime is told of news, this one looks
    node_.sleep(std::min(session->care.due(holder), soon), nullptr, &session->stop);
    const Turn turn(stage_.loop, session->busy);
    if (session->over || session->stop.is_triggered()) return;
    if (holder.state() == State::suspect) session->care.hurry();
    const auto tended = session->care.tend(holder, &session->stop);
    if (tended.news == Care::News::at_risk) stage_.tally(Count::at_risk);
    if (tended.news == Care::News::lost || holder.state() == State::released) return;
  }
}

// The time of one request, or of several.
Call User::for_a_while(const Holder &holder) {
  const Duration lease = holder.record()->lease;
  return {node_.boot_shows() + std::max(request_time(lease, holder.guarantee()), stage_.dice.chance(500) ? lease / 2 : lease / 6), nullptr};
}

bool User::renew(Session &session) {
  const Turn turn(stage_.loop, session.busy);
  const Duration before = session.holder->record()->lease;
  std::optional<Duration> lease;
  if (stage_.dice.chance(600) && before != Duration::zero()) lease = stage_.dice.one_of(stage_.plan.leases);
  const BootTime sent = node_.boot_shows();
  auto left = session.holder->renew(lease, for_a_while(*session.holder));
  stage_.loop.say(name_, [&] { return left ? "renewed, " + in_seconds(*left) + " s left" : "did not renew: " + left.error().message; });
  if (!left) return false;
  session.care.renewed(*session.holder, sent);
  stage_.tally(Count::renewals);
  if (lease && *lease < before) stage_.tally(Count::shortened);
  return true;
}

void User::check(Session &session) {
  const Turn turn(stage_.loop, session.busy);
  Holder &holder = *session.holder;
  auto left = holder.check(for_a_while(holder));
  stage_.loop.say(name_, [&] { return left ? "checked, " + in_seconds(*left) + " s left" : "checked: " + left.error().message; });
  if (left) stage_.tally(Count::checks);
}

void User::hold(const std::shared_ptr<Session> &session) {
  Holder &holder = *session->holder;
  const bool outstays = stage_.dice.chance(stage_.plan.outstay);
  const std::uint64_t deeds = stage_.dice.below(outstays ? 3 : 6);
  for (std::uint64_t deed = 0; deed < deeds && !stage_.healed_at; ++deed) {
    pause(stage_.dice.chance(200) ? seconds(3) : milliseconds(700));
    const State state = holder.state();
    if (state == State::lost) break;
    if (state == State::suspect && stage_.dice.chance(500)) renew(*session);
    const std::uint64_t choice = stage_.dice.below(100);
    if (choice < (outstays ? 55 : 35) && !renew(*session) && stage_.dice.chance(500)) {
      pause(holder.record()->lease / 2);
      check(*session);  // it may have landed after all
    }
    if (choice >= 60 && choice < 85) check(*session);
  }
  // Some hold on until they lose it, which tells whether they do in time.
  for (int looks = 0; outstays && looks < 15 && !stage_.healed_at && holder.state() != State::lost; ++looks) pause(milliseconds(500));
  if (!stage_.dice.chance(120)) return release(*session, false);
  stage_.loop.say(name_, [] { return "drops its handle"; });
  stage_.tally(Count::abandoned);
  session->over = true;
  stage_.loop.trigger(session->stop);
  const Turn turn(stage_.loop, session->busy);
}

void User::release(Session &session, bool for_sure) {
  session.over = true;
  if (stage_.dice.chance(500)) stage_.loop.trigger(session.stop);
  const Turn turn(stage_.loop, session.busy);
  Holder &holder = *session.holder;
  for (int tries = 0; for_sure || stage_.healed_at || tries < 3; ++tries) {
    auto released = holder.release(for_a_while(holder));
    stage_.loop.say(name_, [&] { return released ? std::string("RELEASED") : "did not release: " + released.error().message; });
    if (released) {
      stage_.tally(Count::releases);
      const auto &there = stage_.server.object();
      // Done means that it is gone. (What a copy of a create puts there again later is an orphan, RELIABILITY a5.)
      if (there && !there->created && there->record && !there->record->released && there->record->lock_id == holder.record()->lock_id)
        stage_.loop.fail(name_ + " released its lock, but its record still stands there");
      return;
    }
    const Status status = released.error().status;
    if (status == Status::LOST || status == Status::NOT_HELD) return;
    pause(milliseconds(300));
  }
}

}  // namespace vfslock::sim
