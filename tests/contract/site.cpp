#include "site.hpp"

#include <atomic>
#include <cstdio>

#include <doctest/doctest.h>

namespace vfslock::impl::contract {
namespace {

std::atomic<std::uint64_t> writes{0};

Held held(const Result<Put> &put, TenurePtr tenure) {
  REQUIRE_MESSAGE(put, put.error().message);
  REQUIRE(std::holds_alternative<Landed>(*put));
  const auto &landed = std::get<Landed>(*put);
  return Held{landed.version, landed.bytes, std::move(tenure)};
}

}  // namespace

bool landed(const Result<Put> &put) { return put && std::holds_alternative<Landed>(*put); }
bool refused(const Result<Put> &put) { return put && std::holds_alternative<Refused>(*put); }
bool failed_as(const Result<Put> &put, Status status) { return !put && put.error().status == status; }
bool done(const Result<Removal> &removal) { return removal && std::holds_alternative<Done>(*removal); }
bool refused(const Result<Removal> &removal) { return removal && std::holds_alternative<Refused>(*removal); }

std::string record(const std::string &what, std::size_t size) {
  std::string out = "{\"n\":" + std::to_string(++writes) + ",\"what\":\"" + what;
  if (out.size() + 2 < size) out.append(size - out.size() - 2, 'x');
  return out + "\"}";
}

Write write_of(std::function<std::string(std::optional<std::int64_t>)> bytes) {
  const std::uint64_t number = ++writes;
  char id[33];
  std::snprintf(id, sizeof id, "%032llx", static_cast<unsigned long long>(number));
  return Write{number, id, std::move(bytes)};
}

Store &Site::store() {
  if (!first_) first_ = open();
  return *first_;
}

const Guarantee &Site::gives() {
  if (!gives_) {
    auto guarantee = store().guarantee(soon());
    REQUIRE_MESSAGE(guarantee, guarantee.error().message);
    gives_ = *guarantee;
  }
  return *gives_;
}

Call Site::soon() { return Call{boot_now() + std::chrono::seconds(60)}; }

Result<Put> Site::put(Store &by, const std::string &name, const std::string &bytes, const Condition &condition,
                      Step step, TenurePtr &tenure, const Call &call) {
  const Write write = write_of([&bytes](std::optional<std::int64_t>) { return bytes; });
  return by.put(key(name), write, condition, step, tenure, call);
}

Result<Put> Site::put(const std::string &name, const std::string &bytes, const Condition &condition, Step step,
                      TenurePtr &tenure) {
  return put(store(), name, bytes, condition, step, tenure);
}

Result<Removal> Site::remove(const std::string &name, const Version &version, TenurePtr &tenure) {
  return store().remove(key(name), version, tenure, soon());
}

Look Site::look(Store &by, const std::string &name, Reading reading) {
  auto look = by.get(key(name), reading, soon());
  REQUIRE_MESSAGE(look, look.error().message);
  return *look;
}

Look Site::look(const std::string &name, Reading reading) { return look(store(), name, reading); }

Held Site::create(Store &by, const std::string &name, const std::string &bytes) {
  TenurePtr tenure;
  const auto answer = put(by, name, bytes, IfAbsent{}, Step::begin, tenure);
  return held(answer, std::move(tenure));
}

Held Site::create(const std::string &name, const std::string &bytes) { return create(store(), name, bytes); }

Held Site::seize(const std::string &name, const Version &version, const std::string &bytes) {
  TenurePtr tenure;
  const auto answer = put(name, bytes, version, Step::seize, tenure);
  return held(answer, std::move(tenure));
}

void Site::keep(const std::string &name, Held &mine, const std::string &bytes) {
  const auto answer = put(name, bytes, mine.version, Step::keep, mine.tenure);
  mine = held(answer, std::move(mine.tenure));
}

void Site::end(const std::string &name, Held &mine, const std::string &bytes) {
  const auto answer = put(name, bytes, mine.version, Step::end, mine.tenure);
  mine = held(answer, std::move(mine.tenure));
}

void Site::remove(const std::string &name, Held &mine) {
  const auto answer = remove(name, mine.version, mine.tenure);
  REQUIRE_MESSAGE(answer, answer.error().message);
  REQUIRE(std::holds_alternative<Done>(*answer));
}

void Site::release(const std::string &name, Held &mine) {
  if (gives().conditional_remove) {
    remove(name, mine);
  } else {
    end(name, mine, record("released"));
  }
}

bool Site::same(const std::string &stored, const std::string &written) const {
  if (!can.padding) return stored == written;
  return stored.substr(0, written.size()) == written &&
         stored.find_first_not_of(' ', written.size()) == std::string::npos;
}

void Site::stands(const std::string &name, const Version &version, const std::string &bytes) {
  const Look seen = look(name);
  REQUIRE(seen);
  CHECK(seen->version == version);
  CHECK_MESSAGE(same(seen->bytes, bytes), seen->bytes);
}

}  // namespace vfslock::impl::contract
