#include "memory_support.hpp"

using namespace vfslock::impl;
using Kind = MemoryFault::Kind;
using Operation = MemoryRequest::Operation;

namespace {

// One fault for every request of this kind.
MemoryFaults faulty(bool before, Operation operation, Kind kind) {
  auto hook = [=](const MemoryRequest &request) {
    return request.operation == operation ? MemoryFault{kind, Error{Status::UNAVAILABLE, "planned"}} : MemoryFault{};
  };
  return before ? MemoryFaults{hook, {}} : MemoryFaults{{}, hook};
}

}  // namespace

TEST_CASE("a fault before the request: nothing is applied") {
  MemoryStore store;
  TenurePtr tenure;
  store.inject(faulty(true, Operation::put, Kind::error));
  const auto refused = store.put("k", text("a"), IfAbsent{}, Step::begin, tenure, Call{});
  CHECK(refused.error().message == "planned");
  store.inject(faulty(true, Operation::put, Kind::unknown));
  CHECK(std::holds_alternative<Unknown>(begin(store, "k", "a", tenure)));
  CHECK(tenure == nullptr);
  CHECK_FALSE(look(store, "k"));
}

TEST_CASE("a fault after the request: it is applied, the proof of life stands, the answer is lost") {
  for (const Kind kind : {Kind::unknown, Kind::error}) {
    MemoryStore store;
    TenurePtr tenure;
    store.inject(faulty(false, Operation::put, kind));
    CHECK(std::holds_alternative<Unknown>(begin(store, "k", "a", tenure)));
    CHECK(tenure != nullptr);
    REQUIRE(look(store, "k"));
    CHECK(look(store, "k")->life == Life::alive);
  }
}

TEST_CASE("an error after a request that was refused stays an error") {
  MemoryStore store;
  store.plant("k", "x");
  TenurePtr tenure;
  store.inject(faulty(false, Operation::put, Kind::error));
  CHECK_FALSE(store.put("k", text("a"), IfAbsent{}, Step::begin, tenure, Call{}));
}

TEST_CASE("a removal whose answer is lost") {
  MemoryStore store;
  TenurePtr tenure;
  const auto landed = std::get<Landed>(begin(store, "k", "a", tenure));
  store.inject(faulty(false, Operation::remove, Kind::unknown));
  const auto removal = store.remove("k", landed.version, tenure, Call{});
  CHECK(std::holds_alternative<Unknown>(*removal));
  CHECK(tenure == nullptr);
  CHECK_FALSE(look(store, "k"));
}

TEST_CASE("reads and the guarantee know only errors") {
  MemoryStore store;
  store.inject(faulty(true, Operation::get, Kind::unknown));
  CHECK(store.get("k", Reading::hint, Call{}).error().message == "planned");
  store.inject(faulty(false, Operation::guarantee, Kind::unknown));
  CHECK(store.guarantee(Call{}).error().message == "planned");
  store.inject({});
  CHECK(store.guarantee(Call{}));
}

TEST_CASE("hooks see the request and may use the store themselves") {
  MemoryStore store;
  std::string seen;
  store.inject({[&](const MemoryRequest &request) {
                  if (request.operation == Operation::put) {
                    seen = *request.key + "/" + request.write->write_id +
                           (*request.step == Step::begin ? "/begin" : "");
                    store.plant("other", "written by the hook");
                  }
                  return MemoryFault{};
                },
                {}});
  TenurePtr tenure;
  begin(store, "k", "a", tenure);
  CHECK(seen == "k/" + std::string(32, '0') + "/begin");
  CHECK(look(store, "other")->bytes == "written by the hook");
}
