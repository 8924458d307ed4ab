#pragma once
// The caller's handlers as the protocol asks them, on the thread that acquires.
#include <string>

#include "capi/handles.hpp"

namespace vfslock::impl {

class Deciders final : public Handlers {
 public:
  Deciders(const vfslock_options *options, const std::string &uri, Store &store, Call call)
      : uri_(uri), store_(store), call_(call) {
    if (!options) return;
    on_stale_ = options->on_stale;
    on_waiting_ = options->on_waiting;
  }

  Result<Verdict> stale(const Judgement &judgement) override;
  Result<bool> waiting(const Judgement &judgement, Duration waited) override;
  bool watches() const override { return static_cast<bool>(on_waiting_); }

 private:
  std::int32_t ask(const char *kind, const UserHandler &handler, const Judgement &judgement, std::optional<Duration> waited);

  UserHandler on_stale_, on_waiting_;  // of its own: they may free the options
  const std::string &uri_;
  Store &store_;
  Call call_;
  std::optional<Guarantee> guarantee_;  // for the reports
};

}  // namespace vfslock::impl
