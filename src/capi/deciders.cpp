#include "capi/deciders.hpp"

#include "capi/objects.hpp"
#include "runtime/frame.hpp"

namespace vfslock::impl {
namespace {

Error failed(const char *which, std::int32_t value, const std::string &record) {
  Error error{Status::CALLBACK_FAILED, std::string("the ") + which + " handler failed: it returned " + std::to_string(value)};
  error.record = record;
  error.callback_value = value;
  return error;
}

}  // namespace

std::int32_t Deciders::ask(const char *kind, const UserHandler &handler, const Judgement &judgement,
                           std::optional<Duration> waited) {
  if (!guarantee_) {
    auto given = store_.known_guarantee(call_);
    guarantee_ = given ? std::move(*given) : Guarantee{};
  }
  const auto report = report_of(uri_, judgement, {*guarantee_, store_.clock_skew()});
  vfslock_event event{kind, uri_.c_str()};
  event.report = report.get();
  event.numbers[0] = {"age_ms", whole_ms(judgement.age)};
  event.numbers[1] = {"unchanged_ms", whole_ms(judgement.unchanged)};
  if (waited) event.numbers[2] = {"waited_ms", whole_ms(*waited)};
  event.texts[0] = {"evidence", to_text(judgement.evidence)};
  const HandlerFrame frame(nullptr);
  return handler(event);
}

Result<Verdict> Deciders::stale(const Judgement &judgement) {
  if (!on_stale_) return Verdict::steal;
  switch (const std::int32_t answer = ask("stale", on_stale_, judgement, std::nullopt); answer) {
    case 0: return Verdict::steal;
    case 1: return Verdict::wait;
    case 2: return Verdict::veto;
    default: return failed("stale", answer, judgement.bytes);
  }
}

Result<bool> Deciders::waiting(const Judgement &judgement, Duration waited) {
  if (!watches()) return true;
  const std::int32_t answer = ask("waiting", on_waiting_, judgement, waited);
  if (answer < 0) return failed("waiting", answer, judgement.bytes);
  return answer == 0;
}

}  // namespace vfslock::impl
