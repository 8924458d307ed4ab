#include "lock/observations.hpp"

#include <algorithm>

namespace vfslock::impl {
namespace {

// Forgetting costs a lease of waiting at most; who meets more locks than this in one lease is not waiting for them.
constexpr std::size_t most_locks = 100'000;

}  // namespace

BootTime Observations::first_seen(const std::string &identity, const Version &version, BootTime receipt) {
  auto [at, inserted] = seen_.try_emplace(identity, Observation{version, receipt});
  if (inserted) {
    if (seen_.size() > most_locks) seen_.erase(at == seen_.begin() ? std::next(at) : seen_.begin());
    return receipt;
  }
  if (at->second.version != version) at->second = {version, receipt};
  return at->second.since;
}

void Observations::backdate(const std::string &identity, BootTime since) {
  const auto at = seen_.find(identity);
  if (at != seen_.end()) at->second.since = std::min(at->second.since, since);
}

void Observations::forget(const std::string &identity) { seen_.erase(identity); }

}  // namespace vfslock::impl
