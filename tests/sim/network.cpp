#include "network.hpp"

namespace vfslock::sim {

using impl::Landed;
using impl::Look;
using impl::Refused;

// Which faults this request meets.
void Network::decide(Node &node, Request &request) {
  const Faults faults = healed_ ? Faults{} : plan_.faults;
  const Duration left = request.time_left;
  const auto way = [&] { return dice_.between(microseconds(500), milliseconds(dice_.chance(100) ? 60 : 12)); };
  Request::Copy first{loop_.now() + way(), way(), true};
  if (dice_.chance(faults.slow)) (dice_.chance(300) ? first.lands_at : first.answer_takes) += dice_.between(left / 2, left * 11 / 10);
  if (dice_.chance(faults.late)) first.lands_at += left + dice_.between({}, dice_.chance(700) ? left * 4 : 3 * request.lease);
  request.conflict = request.kind != Request::Kind::get && dice_.chance(faults.conflict);
  if (dice_.chance(faults.lose_answer)) first.answers = false;

  bool dropped = dice_.chance(faults.drop);
  if (node.cut_until > loop_.now()) {
    tally_(Count::cut_off);
    first.answers = false;
    dropped = dice_.chance(600);
  }
  if (dropped) {
    tally_(Count::dropped);
    loop_.say("network", [&] { return "drops #" + std::to_string(request.number); });
    return;
  }
  request.copies.push_back(first);
  if (request.kind == Request::Kind::get || !dice_.chance(faults.twice)) return;
  // The HTTP library sends again on a fresh connection when a kept one died unseen, and delivers what that one says.
  Request::Copy second = first;
  second.lands_at += dice_.chance(600) ? dice_.between({}, left / 3) : dice_.between({}, 2 * request.lease);
  second.answers = first.answers && dice_.chance(600);
  if (second.answers) request.copies.front().answers = false;
  request.copies.push_back(second);
}

std::optional<Answer> Network::exchange(Node &node, Request wanted, const impl::Call &call) {
  const auto request = std::make_shared<Request>(std::move(wanted));
  Activity &self = *loop_.current();
  request->number = request->author.request = ++server_.requests;
  request->author.node = &node;
  request->author.who = self.name + " #" + std::to_string(request->number);
  request->sender = &self;
  const Duration gives_up = node.when(call.deadline);
  request->time_left = std::max(Duration(1), gives_up == forever ? Duration(seconds(10)) : gives_up - loop_.now());
  request->lease = plan_.longest_lease();
  loop_.say(self.name, [&] {
    const auto *version = std::get_if<impl::Version>(&request->condition);
    const std::string condition = version ? " if " + brief(*version) : " if absent";
    return "sends #" + std::to_string(request->number) +
           (request->kind == Request::Kind::get      ? " get"
            : request->kind == Request::Kind::remove ? " remove" + condition
                                                     : " put" + condition + ": " + brief(request->bytes));
  });
  decide(node, *request);
  const bool creates = request->kind == Request::Kind::put && std::holds_alternative<impl::IfAbsent>(request->condition);
  for (std::size_t copy = 0; copy < request->copies.size(); ++copy) {
    const Duration lands_at = request->copies[copy].lands_at;
    loop_.at(lands_at, [=, this] { land(request, copy); });
    // Gaps between two holders are short; a copy that comes in one is what a5 of RELIABILITY is about.
    if (creates && (copy > 0 || lands_at > gives_up) && dice_.chance(400))
      gap_seekers_.push_back([=, this] { land(request, copy); });
  }
  if (!request->copies.empty()) flying_.push_back(request);

  self.in_flight = request->kind != Request::Kind::get;
  self.cancel = call.cancel;
  while (!request->answer && node.boot_shows() < call.deadline && !(call.cancel && call.cancel->is_triggered()))
    loop_.block(gives_up);
  self.cancel = nullptr;
  self.in_flight = false;
  request->waited_for = false;
  // After a stop the answer and the time-out are both there, and a client may look at either first.
  if (request->answer && node.boot_shows() >= call.deadline && dice_.chance(300)) request->answer.reset();
  loop_.say(self.name, [&] {
    const std::string number = "#" + std::to_string(request->number);
    if (!request->answer) return "gives up on " + number;
    if (const auto *look = std::get_if<Look>(&*request->answer))
      return number + " found " + (*look ? brief((*look)->version) + ": " + brief((*look)->bytes) : "nothing");
    if (std::holds_alternative<Conflict>(*request->answer)) return number + " met another write, and was not applied";
    if (std::holds_alternative<Unclear>(*request->answer)) return number + " got an answer that says nothing";
    return number + (std::holds_alternative<Refused>(*request->answer) ? " was refused" : " was done");
  });
  return std::move(request->answer);
}

Answer Network::apply(Request &request) {
  if (request.kind == Request::Kind::get) return server_.look();
  if (request.conflict) return plan_.kind == Kind::s3 ? Answer{Conflict{}} : Refused{};
  if (!server_.meets(request.condition)) return plan_.shows_refused ? Refused{server_.look()} : Refused{};
  if (request.kind == Request::Kind::remove) {
    server_.remove(request.author);
    for (auto &seeker : std::exchange(gap_seekers_, {}))
      loop_.at(loop_.now() + dice_.between(microseconds(10), milliseconds(30)), std::move(seeker));
    return impl::Done{};
  }
  return Landed{server_.put(request.author, request.bytes), request.bytes};
}

void Network::count_landing(const Request &request, std::size_t copy, bool effect) {
  if (request.kind == Request::Kind::get) return;
  std::uint64_t &newest = newest_landed_[request.author.node];
  if (newest > request.number) tally_(Count::reordered);
  newest = std::max(newest, request.number);
  if (request.conflict) return tally_(Count::conflicts);
  if (!request.waited_for) tally_(effect ? Count::late_landed : Count::late_refused);
  if (request.took_effect && !effect) tally_(Count::twice_refused);
  if (request.took_effect && !effect && request.copies[copy].answers && request.waited_for) tally_(Count::echoes);
  if (effect && !request.copies[copy].answers && request.waited_for) tally_(Count::answer_lost);
}

void Network::land(const std::shared_ptr<Request> &request, std::size_t copy) {
  if (std::exchange(request->copies[copy].landed, true)) return;
  Answer answer = apply(*request);
  const bool effect = std::holds_alternative<Landed>(answer) || std::holds_alternative<impl::Done>(answer);
  count_landing(*request, copy, effect);
  if (!effect && request->kind != Request::Kind::get)
    loop_.say("store", [&] { return "refuses " + request->author.who + (request->conflict ? ", though nothing had changed" : ""); });
  request->took_effect = request->took_effect || effect;
  // The worst moment to lose the store is just after something became true there.
  if (effect && !healed_ && dice_.chance(plan_.cut_after)) request->author.node->cut_off(dice_.between(request->lease / 4, 3 * request->lease / 2));
  if (!request->copies[copy].answers) return;
  if (!healed_ && dice_.chance(plan_.faults.unclear)) {
    tally_(Count::unclear);
    answer = Unclear{dice_.chance(300) ? std::optional<Duration>(dice_.between(milliseconds(10), seconds(2))) : std::nullopt};
  }
  loop_.at(loop_.now() + request->copies[copy].answer_takes, [this, request, answer = std::move(answer)] {
    if (!request->waited_for) return;
    request->answer = answer;
    loop_.wake(*request->sender);
  });
}

std::optional<impl::Error> Network::turned_away(Node &node) {
  if (healed_ || !dice_.chance(plan_.faults.busy)) return std::nullopt;
  loop_.block(loop_.now() + dice_.between(milliseconds(1), milliseconds(30)));
  tally_(Count::busy);
  loop_.say(node.name, [] { return "is turned away, come back later"; });
  impl::Error error{impl::Status::UNAVAILABLE, "busy"};
  if (dice_.chance(500)) error.retry_after = dice_.between(milliseconds(10), seconds(3));
  return error;
}

void Network::heal() {
  healed_ = true;
  for (const auto &request : std::exchange(flying_, {}))
    for (std::size_t copy = 0; copy < request->copies.size(); ++copy) {
      request->copies[copy].answer_takes = std::min<Duration>(request->copies[copy].answer_takes, milliseconds(12));
      loop_.at(loop_.now(), [=, this] { land(request, copy); });
    }
}

}  // namespace vfslock::sim
