#pragma once
// The stores as one node sees them.
#include "network.hpp"

namespace vfslock::sim {

class NetworkStore final : public impl::Store {
 public:
  NetworkStore(Network &network, Node &node, const Plan &plan) : network_(network), node_(node), plan_(plan) {}

  impl::Result<impl::Guarantee> guarantee(const impl::Call &call) override;
  impl::Result<impl::Look> get(const std::string &key, impl::Reading reading, const impl::Call &call) override;
  impl::Result<impl::Put> put(const std::string &key, const impl::Write &write, const impl::Condition &condition,
                              impl::Step step, impl::TenurePtr &tenure, const impl::Call &call) override;
  impl::Result<impl::Removal> remove(const std::string &key, const impl::Version &version, impl::TenurePtr &tenure,
                                     const impl::Call &call) override;
  std::string identity(const std::string &key) const override { return "net://" + key; }

 private:
  std::optional<impl::Error> not_sent(const impl::Call &call);
  std::optional<Answer> send(Request request, const impl::Call &call);
  void check_conduct(const impl::Write &write, const impl::Condition &condition, impl::Step step);

  Network &network_;
  Node &node_;
  const Plan &plan_;
  std::optional<std::int64_t> date_us_;  // the store's date, in whole seconds, when it was first spoken to
};

// One machine's disk: each step is atomic and never lost, but its process can be stopped or crash before and after.
class LocalStore final : public impl::Store {
 public:
  LocalStore(Loop &loop, Dice &dice, Server &server, Node &node) : loop_(loop), dice_(dice), server_(server), node_(node) {}

  impl::Result<impl::Guarantee> guarantee(const impl::Call &call) override;
  impl::Result<impl::Look> get(const std::string &key, impl::Reading reading, const impl::Call &call) override;
  impl::Result<impl::Put> put(const std::string &key, const impl::Write &write, const impl::Condition &condition,
                              impl::Step step, impl::TenurePtr &tenure, const impl::Call &call) override;
  impl::Result<impl::Removal> remove(const std::string &key, const impl::Version &version, impl::TenurePtr &tenure,
                                     const impl::Call &call) override;
  void arm(const std::string &key, std::unique_ptr<impl::Wakeup> &hint) override;
  std::string identity(const std::string &key) const override { return "file://" + key; }

 private:
  std::optional<impl::Error> not_begun(const impl::Call &call);
  void take_time();

  Loop &loop_;
  Dice &dice_;
  Server &server_;
  Node &node_;
};

}  // namespace vfslock::sim
