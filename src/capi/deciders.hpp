#pragma once
// The caller's handlers as the protocol asks them, on the thread that acquires.
#include <string>

#include "capi/handles.hpp"

namespace vfslock::impl {

class Deciders final : public Handlers {
 public:
  Deciders(const vfslock_options *options, const std::string &uri, Store &store, Call call)
      : options_(options), uri_(uri), store_(store), call_(call) {}

  Result<Verdict> stale(const Judgement &judgement) override;
  Result<bool> waiting(const Judgement &judgement, Duration waited) override;
  bool watches() const override { return options_ && options_->on_waiting; }

 private:
  std::int32_t ask(const char *kind, const UserHandler &handler, const Judgement &judgement, std::optional<Duration> waited);

  const vfslock_options *const options_;
  const std::string &uri_;
  Store &store_;
  Call call_;
  std::optional<Guarantee> guarantee_;  // for the reports
};

}  // namespace vfslock::impl
