#include "stores.hpp"

namespace vfslock::sim {

using namespace impl;

namespace {

std::optional<Error> over_before(const Node &node, const Call &call) {
  if (call.cancel && call.cancel->is_triggered()) return Error{Status::CANCELLED, "cancelled before anything was sent"};
  if (node.boot_shows() >= call.deadline) return Error{Status::UNAVAILABLE, "no time was left to send it"};
  return std::nullopt;
}

Error no_answer(const Call &call) {
  if (call.cancel && call.cancel->is_triggered()) return {Status::CANCELLED, "cancelled while waiting for the answer"};
  return {Status::UNAVAILABLE, "no answer came in time"};
}

Error server_error(const Unclear &answer) {
  Error error{Status::UNAVAILABLE, "the server answered 5xx or 429"};
  error.retry_after = answer.retry_after;
  return error;
}

Error not_applied() { return {Status::UNAVAILABLE, "another write was under way until the time was over"}; }

// Notes what the running acquisition writes, for what it must recognise.
void note(Activity &self, const std::string &bytes, Step step) {
  const Record record = std::get<Record>(decode(bytes));
  const bool starts = step == Step::begin || step == Step::seize;
  // A grant that was told too late is given back, and the acquisition goes on with another lockId.
  if (starts && self.own_locks.insert(record.lock_id).second) self.own_writes.clear();
  auto &writes = self.own_writes;
  if (std::find(writes.begin(), writes.end(), record.write_id) != writes.end()) return;
  writes.push_back(record.write_id);
  if (writes.size() > 8) writes.pop_front();
}

struct LocalTenure final : Tenure {
  LocalTenure(Server &its_server, std::uint64_t its_id) : server(its_server), id(its_id) {}
  ~LocalTenure() override { server.end_tenure(id); }
  Server &server;
  std::uint64_t id;
};

}  // namespace

// Not to be counted as a request to the store: probes are made once.
Result<Guarantee> NetworkStore::guarantee(const Call &) {
  if (!date_us_) date_us_ = std::chrono::floor<seconds>(true_wall(network_.loop().now())).time_since_epoch().count() * std::int64_t{1'000'000};
  Guarantee out;
  out.level = Level::exact;
  out.how = "simulated network store";
  out.conditional_remove = plan_.kind != Kind::released_only;
  out.min_ttl = seconds(1);
  return out;
}

std::optional<Error> NetworkStore::not_sent(const Call &call) {
  if (auto over = over_before(node_, call)) return over;
  return network_.turned_away(node_);
}

// As the S3 storage does: what met another write is sent again, the same bytes, as long as there is time.
std::optional<Answer> NetworkStore::send(Request request, const Call &call) {
  for (;;) {
    auto answer = network_.exchange(node_, request, call);
    if (!answer || !std::holds_alternative<Conflict>(*answer)) return answer;
    network_.loop().block(network_.loop().now() + milliseconds(20));
    if (over_before(node_, call)) return answer;
  }
}

Result<Look> NetworkStore::get(const std::string &, Reading, const Call &call) {
  if (auto error = not_sent(call)) return *error;
  auto answer = network_.exchange(node_, {Request::Kind::get}, call);
  if (!answer) return no_answer(call);
  if (const auto *unclear = std::get_if<Unclear>(&*answer)) return server_error(*unclear);
  if (std::get<Look>(*answer)) network_.loop().current()->open_create.clear();
  return std::get<Look>(std::move(*answer));
}

// R6: while a create may still land, its acquisition sends the same bytes again, or gives up by a released record.
void NetworkStore::check_conduct(const Write &write, const Condition &condition, Step step) {
  Activity &self = *network_.loop().current();
  if (!std::holds_alternative<IfAbsent>(condition) || step == Step::end) return self.open_create.clear();
  if (!self.open_create.empty() && self.open_create != write.write_id)
    network_.loop().fail("R6: " + self.name + " sends another create while one of its own may still land");
}

Result<Put> NetworkStore::put(const std::string &, const Write &write, const Condition &condition, Step step, TenurePtr &,
                              const Call &call) {
  Request request{Request::Kind::put, condition, write.bytes(date_us_)};
  note(*network_.loop().current(), request.bytes, step);
  check_conduct(write, condition, step);
  if (auto error = not_sent(call)) return *error;
  auto answer = send(std::move(request), call);
  const bool open = !answer || std::holds_alternative<Unclear>(*answer);
  if (open && std::holds_alternative<IfAbsent>(condition) && step == Step::begin)
    network_.loop().current()->open_create = write.write_id;
  if (!answer) return Put{Unknown{no_answer(call)}};
  if (const auto *unclear = std::get_if<Unclear>(&*answer)) return Put{Unknown{server_error(*unclear)}};
  if (std::holds_alternative<Conflict>(*answer)) return not_applied();
  if (auto *landed = std::get_if<Landed>(&*answer)) {
    network_.loop().current()->open_create.clear();
    return Put{std::move(*landed)};
  }
  auto &refused = std::get<Refused>(*answer);
  if (refused.there && *refused.there) network_.loop().current()->open_create.clear();
  return Put{std::move(refused)};
}

Result<Removal> NetworkStore::remove(const std::string &, const Version &version, TenurePtr &, const Call &call) {
  if (auto error = not_sent(call)) return *error;
  if (plan_.denies_removal) {
    network_.count(Count::denied);
    return Error{Status::PERMISSION_DENIED, "no DELETE is allowed"};
  }
  auto answer = send({Request::Kind::remove, version}, call);
  if (!answer) return Removal{Unknown{no_answer(call)}};
  if (const auto *unclear = std::get_if<Unclear>(&*answer)) return Removal{Unknown{server_error(*unclear)}};
  if (std::holds_alternative<Conflict>(*answer)) return not_applied();
  if (auto *refused = std::get_if<Refused>(&*answer)) return Removal{std::move(*refused)};
  return Removal{Done{}};
}

Result<Guarantee> LocalStore::guarantee(const Call &) {
  Guarantee out;
  out.level = Level::exact;
  out.how = "simulated local disk";
  out.conditional_remove = true;
  out.shared_clock = true;
  out.strict_tokens = true;
  out.min_ttl = milliseconds(1);
  return out;
}

void LocalStore::take_time() { loop_.block(loop_.now() + dice_.between(microseconds(5), microseconds(200))); }

std::optional<Error> LocalStore::not_begun(const Call &call) {
  take_time();
  return over_before(node_, call);
}

Result<Look> LocalStore::get(const std::string &, Reading, const Call &call) {
  if (auto error = not_begun(call)) return *error;
  Look look = server_.look();
  take_time();
  return look;
}

// What src/storage/memory does, and what the kernel's locks do on a disk.
Result<Put> LocalStore::put(const std::string &, const Write &write, const Condition &condition, Step step, TenurePtr &tenure,
                            const Call &call) {
  if (auto error = not_begun(call)) return *error;
  const auto &there = server_.object();
  const bool alive = there && server_.lives(there->tenure);
  if (!server_.meets(condition) || (step == Step::begin && alive)) {
    Refused refused{server_.look()};
    take_time();
    return Put{std::move(refused)};
  }
  auto *mine = static_cast<LocalTenure *>(tenure.get());
  const bool starts = step == Step::begin || step == Step::seize, by_nobody = step == Step::end && !tenure;
  if (!starts && !by_nobody && (!mine || mine->id != there->tenure)) return Error{Status::LOST, "the proof of life is gone"};

  std::string bytes = write.bytes(std::nullopt);  // until the name has landed, then again with the time of that
  bytes = write.bytes(std::chrono::duration_cast<microseconds>(node_.wall_shows().time_since_epoch()).count());
  auto fresh = starts ? std::make_unique<LocalTenure>(server_, server_.begin_tenure()) : nullptr;
  const std::uint64_t id = fresh ? fresh->id : mine && step == Step::keep ? mine->id : 0;
  note(*loop_.current(), bytes, step);
  Landed landed{server_.put({loop_.current()->name, &node_, ++server_.requests}, bytes, id), bytes};
  if (step != Step::keep) tenure = std::move(fresh);
  take_time();
  return Put{std::move(landed)};
}

Result<Removal> LocalStore::remove(const std::string &, const Version &version, TenurePtr &tenure, const Call &call) {
  if (auto error = not_begun(call)) return *error;
  if (!server_.meets(version)) return Removal{Refused{server_.look()}};
  auto *mine = static_cast<LocalTenure *>(tenure.get());
  if (!mine || mine->id != server_.object()->tenure) return Error{Status::LOST, "the proof of life is gone"};
  server_.remove({loop_.current()->name, &node_});
  tenure.reset();
  take_time();
  return Removal{Done{}};
}

void LocalStore::arm(const std::string &, std::unique_ptr<Wakeup> &hint) {
  if (!hint) hint = std::make_unique<Hint>(server_.hints);
}

}  // namespace vfslock::sim
