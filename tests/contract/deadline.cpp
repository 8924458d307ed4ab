#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

Call over() { return Call{boot_now()}; }

}  // namespace

CONTRACT_TEST("a create is not sent at or after its deadline", Site &site) {
  site.gives();  // so that no probe is what fails
  TenurePtr tenure;
  const auto answer = site.put(site.store(), "k", record("a"), IfAbsent{}, Step::begin, tenure, over());
  CHECK(failed_as(answer, Status::UNAVAILABLE));
  CHECK(tenure == nullptr);
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("a replace is not sent at or after its deadline", Site &site) {
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  for (const Step step : {Step::keep, Step::end, Step::seize})
    CHECK(failed_as(site.put(site.store(), "k", record("b"), held.version, step, held.tenure, over()),
                    Status::UNAVAILABLE));
  site.stands("k", held.version, bytes);
  if (site.can.life) {
    CHECK(held.tenure != nullptr);
    CHECK(site.look("k")->life == Life::alive);
  }
  site.keep("k", held, record("c"));
}

CONTRACT_TEST("a removal is not sent at or after its deadline", Site &site) {
  NEEDS(site.gives().conditional_remove, "the store cannot remove on a condition");
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  const auto answer = site.store().remove(site.key("k"), held.version, held.tenure, over());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().status == Status::UNAVAILABLE);
  site.stands("k", held.version, bytes);
  site.remove("k", held);
}

CONTRACT_TEST("a read past its deadline answers or says that the store is not available", Site &site) {
  const Held held = site.create("k", record("a"));
  const auto answer = site.store().get(site.key("k"), Reading::exact, over());
  if (answer) {
    CHECK(*answer);
  } else {
    CHECK(answer.error().status == Status::UNAVAILABLE);
  }
}

CONTRACT_TEST("without a deadline calls go through", Site &site) {
  TenurePtr tenure;
  CHECK(landed(site.put(site.store(), "k", record("a"), IfAbsent{}, Step::begin, tenure, Call{})));
  CHECK(site.store().get(site.key("k"), Reading::hint, Call{}));
}

CONTRACT_TEST("a cancelled create is not sent", Site &site) {
  site.gives();
  Cancel cancel;
  cancel.trigger();
  TenurePtr tenure;
  const Call call{Site::soon().deadline, &cancel};
  const auto answer = site.put(site.store(), "k", record("a"), IfAbsent{}, Step::begin, tenure, call);
  CHECK(failed_as(answer, Status::CANCELLED));
  CHECK(tenure == nullptr);
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("a cancelled replace is not sent", Site &site) {
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  Cancel cancel;
  cancel.trigger();
  const Call call{Site::soon().deadline, &cancel};
  for (const Step step : {Step::keep, Step::end, Step::seize})
    CHECK(failed_as(site.put(site.store(), "k", record("b"), held.version, step, held.tenure, call),
                    Status::CANCELLED));
  site.stands("k", held.version, bytes);
  site.keep("k", held, record("c"));
}

CONTRACT_TEST("a cancelled removal is not sent", Site &site) {
  NEEDS(site.gives().conditional_remove, "the store cannot remove on a condition");
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  Cancel cancel;
  cancel.trigger();
  const auto answer =
      site.store().remove(site.key("k"), held.version, held.tenure, Call{Site::soon().deadline, &cancel});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().status == Status::CANCELLED);
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("a cancel that nobody triggered changes nothing", Site &site) {
  const Cancel cancel;
  TenurePtr tenure;
  const Call call{Site::soon().deadline, &cancel};
  CHECK(landed(site.put(site.store(), "k", record("a"), IfAbsent{}, Step::begin, tenure, call)));
}

}  // namespace vfslock::impl::contract
