#include "oracle.hpp"

#include "server.hpp"

namespace vfslock::sim {

using impl::State;

// A stopped process still believes what its clock tells it the moment it goes on, so it counts too. The deadline is
// read without asking: asking may end belief, which is right when a user does it and would hide a gap here. A suspect
// counts as a believer: one renewal may make it a holder again.
static bool still_believes(const Watched &watched) {
  return !watched.node->dead && watched.holder->belief().deadline() > watched.node->boot_shows();
}

Watched &Oracle::watch(Node &node, impl::Holder &holder, const std::string &who, const std::optional<Object> &object) {
  Watched watched{&node, &holder, who, holder.record()->lock_id};
  watched.ended = !object || !object->record || object->record->lock_id != watched.lock_id;
  return watched_.emplace_back(std::move(watched));
}

void Oracle::unwatch(Watched &watched) {
  watched_.remove_if([&](const Watched &one) { return &one == &watched; });
}

bool Oracle::believed(const std::string &lock_id) const {
  for (const Watched &watched : watched_)
    if (watched.lock_id == lock_id && still_believes(watched)) return true;
  return false;
}

std::uint64_t Oracle::believers() const {
  std::uint64_t count = 0;
  for (const Watched &watched : watched_) count += still_believes(watched);
  return count;
}

void Oracle::step() {
  const Watched *believer = nullptr;
  for (Watched &watched : watched_) {
    Node &node = *watched.node;
    const bool believes = still_believes(watched);
    if (watched.believes && !believes && node.stopped) {
      tally_(Count::stopped_past_deadline);
      watched.overslept = true;
    }
    if (watched.overslept && !node.stopped) {
      if (watched.ended) tally_(Count::woken_robbed);
      watched.overslept = false;
    }
    if (believes != watched.believes)
      loop_.say(watched.who, [&] {
        return believes ? "BELIEVES, lock " + watched.lock_id.substr(0, 4) + ", deadline in " +
                              in_seconds(node.when(watched.holder->belief().deadline()) - loop_.now()) + " s"
                        : std::string("believes no more");
      });
    watched.believes = believes;
    if (believes && watched.told_lost) loop_.fail("R8: " + watched.who + " was told that its lock is lost, and holds again");
    if (believes && believer) loop_.fail("two believers: " + believer->who + " and " + watched.who);
    if (believes) believer = &watched;
    if (!node.stopped && plan_.ask != 0 && dice_.chance(plan_.ask)) ask(watched);
  }
}

// As any thread of the process may at any time (R14).
void Oracle::ask(Watched &watched) {
  const State state = watched.holder->belief().state(watched.node->boot_shows(), watched.node->wall_shows());
  if (watched.told_lost && state != State::lost) loop_.fail("R8: " + watched.who + " answers anew after lost");
  if (state == State::suspect && !watched.suspect) tally_(Count::suspects);
  if (state == State::held && watched.suspect) tally_(Count::cleared);
  watched.suspect = state == State::suspect;
  if (state != State::lost || watched.told_lost) return;
  watched.told_lost = true;
  const impl::Loss loss = watched.holder->loss();
  if (loss == impl::Loss::expired) tally_(Count::lost_expired);
  if (loss == impl::Loss::unreachable) tally_(Count::lost_unreachable);
  if (loss != impl::Loss::replaced && loss != impl::Loss::removed) return;
  // Who renews in time keeps the lock: nobody may lose it by a misread answer.
  if (!watched.ended) loop_.fail(watched.who + " lost its lock as replaced or removed, but nobody did that");
}

void Oracle::clock_stepped(Node &node, Duration by) {
  for (Watched &watched : watched_) {
    if (watched.node != &node || !still_believes(watched)) continue;
    tally_(Count::wall_steps);
    // A step far above R15's bound: a stop between the readings of the two clocks at the last renewal hides less.
    if (node.stopped || watched.holder->record()->lease == Duration::zero() || std::chrono::abs(by) < seconds(30)) continue;
    if (watched.holder->belief().state(node.boot_shows(), node.wall_shows()) == State::held)
      loop_.fail("R15: " + watched.who + " answers held after its wall clock stepped by " + in_seconds(by) + " s");
  }
}

void Oracle::crashed(const Node &node) {
  for (const Watched &watched : watched_)
    if (watched.node == &node && still_believes(watched)) tally_(Count::crashed_holding);
}

void Oracle::changed(const Author &author, const std::optional<Object> &before, const std::optional<Object> &after) {
  if (before) {
    if (!replaced_.insert(before->version.id).second)
      loop_.fail("version " + before->version.id + " was replaced twice");
    check_replaced(author, *before, after);
  }
  if (!after) return;
  // A copy of a create may land again once the record is gone, and one of its renewal after it. That is an orphan, of
  // which nobody believes anything any more (RELIABILITY a5).
  const bool again = after->record && !after->record->foreign() && !writes_.insert(after->record->write_id).second;
  if (again && after->created) tally_(Count::twice_landed);
  const bool back = !versions_.insert(after->version.id).second;
  if (back && !after->created && !orphan_) loop_.fail("R2: version " + after->version.id + " came back");
  if (back) replaced_.erase(after->version.id);
  orphan_ = back;
  if (!author.node) return;
  if (!after->record || after->record->foreign()) return loop_.fail(author.who + " wrote a record that is not ours");
  const bool grant = !after->record->released && (!before || !before->record || before->record->released || before->record->lock_id != after->record->lock_id);
  if (grant) check_grant(*after);
}

void Oracle::check_replaced(const Author &author, const Object &before, const std::optional<Object> &after) {
  if (!before.record) return loop_.fail(author.who + " replaced a record that cannot be read");
  const impl::Record &was = *before.record;
  if (was.foreign()) {
    if (!author.node) return;
    // By the wall clock of who replaced it, or of what that clock has shown: no other is compared (DESIGN §1).
    const bool over = was.ttl != Duration::zero() && author.node->latest_wall() > impl::saturating_add(was.created, was.ttl);
    if (!over) loop_.fail(author.who + " replaced another program's record before its TTL was over");
    tally_(Count::foreign_taken);
    return;
  }
  const bool same = after && after->record && after->record->lock_id == was.lock_id;
  const bool goes_on = same && !after->record->released && after->record->token == was.token;
  if (!goes_on && believed(was.lock_id))
    loop_.fail(author.who + (same ? " released" : after ? " replaced" : " removed") + " the record of a tenure that is believed in");
  if (!same)
    for (Watched &watched : watched_)
      if (watched.lock_id == was.lock_id) watched.ended = true;
  if (!author.node) return;
  if (!after && was.keep) loop_.fail(author.who + " removed a record that keeps its token");
  if (after && after->record) check_chain(before, *after);
}

// One record after the other, both ours.
void Oracle::check_chain(const Object &before, const Object &after) {
  const impl::Record &was = *before.record, &is = *after.record;
  if (was.keep && !is.keep) loop_.fail("a record that keeps its token was replaced by one that does not");
  if (is.seq <= was.seq) loop_.fail("R2: seq does not grow");
  // An acquisition that was told too late gives its grant back unused; it may get the lock under the same id, or even
  // steal such a grant when it has written so much since that it knows it no more.
  const bool same = is.lock_id == was.lock_id && is.token == was.token && !was.released, grant = !same && !is.released;
  if (is.token < was.token) loop_.fail("the token fell");
  // RELIABILITY §5. (A process that is stopped between reading its two clocks takes that for a clock step.)
  const bool clocks_are_even = plan_.steps == 0 && plan_.stop_at_clock == 0;
  if (same && !is.released && clocks_are_even && is.created != was.created) loop_.fail("createdAt changed within a tenure");
  if (grant && is.token == was.token) loop_.fail("a grant repeats the token that it read");
  if (grant && was.keep && was.token > 0 && is.token != was.token + 1)
    loop_.fail("a grant in keep mode is not exactly the token that it read + 1");
  if (grant && !was.released) {
    tally_(Count::steals);
    if (before.tenure_ended) tally_(Count::taken_from_dead);
  }
  if (!same && is.released) tally_(Count::poisons);
}

void Oracle::check_grant(const Object &after) {
  const impl::Record &record = *after.record;
  if (record.keep) tally_(Count::keep_grants);
  if (record.lease == Duration::zero()) tally_(Count::endless_grants);
  if (plan_.strict_tokens() && record.token <= highest_token_)
    loop_.fail("token " + std::to_string(record.token) + " was granted after " + std::to_string(highest_token_));
  highest_token_ = std::max(highest_token_, record.token);
}

}  // namespace vfslock::sim
