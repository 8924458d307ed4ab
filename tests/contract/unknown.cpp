// R6: a write that was applied and whose answer was lost. The store must keep what the write did, or who reads it
// back and goes on holds without a proof of life.
#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

constexpr const char *no_loss = "answers cannot be lost on purpose here";

bool unknown(const Result<Put> &put) { return put && std::holds_alternative<Unknown>(*put); }

}  // namespace

CONTRACT_TEST("R6: begin with its answer lost stands, and its holder lives", Site &site) {
  site.gives();
  NEEDS(site.lose_next_answer(), no_loss);
  TenurePtr tenure;
  const std::string bytes = record("a");
  CHECK(unknown(site.put("k", bytes, IfAbsent{}, Step::begin, tenure)));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(site.same(seen->bytes, bytes));
  if (site.can.life) {
    CHECK(seen->life == Life::alive);
    REQUIRE(tenure != nullptr);
  }
  Held held{seen->version, seen->bytes, std::move(tenure)};
  site.keep("k", held, record("b"));
}

CONTRACT_TEST("R6: keep with its answer lost stands, and can be gone on from", Site &site) {
  Held held = site.create("k", record("a"));
  NEEDS(site.lose_next_answer(), no_loss);
  const std::string bytes = record("b");
  CHECK(unknown(site.put("k", bytes, held.version, Step::keep, held.tenure)));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(site.same(seen->bytes, bytes));
  CHECK(seen->version != held.version);
  held.version = seen->version;
  site.keep("k", held, record("c"));
}

CONTRACT_TEST("R6: the same bytes again after a lost answer are refused", Site &site) {
  Held held = site.create("k", record("a"));
  NEEDS(site.lose_next_answer(), no_loss);
  const std::string bytes = record("b");
  CHECK(unknown(site.put("k", bytes, held.version, Step::keep, held.tenure)));
  const auto again = site.put("k", bytes, held.version, Step::keep, held.tenure);
  CHECK(refused(again));
}

CONTRACT_TEST("R6: seize with its answer lost stands, and its holder lives", Site &site) {
  const Held robbed = site.create("k", record("a"));
  NEEDS(site.lose_next_answer(), no_loss);
  TenurePtr tenure;
  const std::string bytes = record("b");
  CHECK(unknown(site.put("k", bytes, robbed.version, Step::seize, tenure)));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(site.same(seen->bytes, bytes));
  if (site.can.life) CHECK(seen->life == Life::alive);
  Held held{seen->version, seen->bytes, std::move(tenure)};
  site.keep("k", held, record("c"));
}

CONTRACT_TEST("R6: end with its answer lost has ended the life", Site &site) {
  Held held = site.create("k", record("a"));
  NEEDS(site.lose_next_answer(), no_loss);
  const std::string bytes = record("released");
  CHECK(unknown(site.put("k", bytes, held.version, Step::end, held.tenure)));
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(site.same(seen->bytes, bytes));
  if (site.can.life) CHECK(seen->life == Life::dead);
}

CONTRACT_TEST("R6: a removal with its answer lost has removed", Site &site) {
  NEEDS(site.gives().conditional_remove, "the store cannot remove on a condition");
  Held held = site.create("k", record("a"));
  NEEDS(site.lose_next_answer(), no_loss);
  const auto answer = site.remove("k", held.version, held.tenure);
  REQUIRE(answer);
  CHECK(std::holds_alternative<Unknown>(*answer));
  CHECK_FALSE(site.look("k"));
  const Held next = site.create("k", record("b"));
}

}  // namespace vfslock::impl::contract
