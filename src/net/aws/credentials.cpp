#include "net/aws/credentials.hpp"

#include <mutex>

#include "base/clock.hpp"
#include "base/fork.hpp"
#include "net/aws/sources.hpp"
#include "net/mutex.hpp"
#include "net/retry.hpp"

namespace vfslock::impl::net {
namespace {

constexpr Duration ahead = std::chrono::minutes(5);            // before the keys expire
constexpr Duration least_interval = std::chrono::seconds(30);  // between refreshes that bring nothing better
constexpr Duration least_age = std::chrono::seconds(2);        // of keys that a refusal makes suspect

}  // namespace

bool operator==(const AwsKeys &a, const AwsKeys &b) {
  return a.access_key == b.access_key && a.secret_key.reveal() == b.secret_key.reveal() &&
         a.session_token.reveal() == b.session_token.reveal();
}

// The keys at hand, where they need no refresh or one that must be made has just been tried.
std::optional<std::shared_ptr<const AwsKeys>> AwsCredentials::usable() const {
  if (!keys_ || refused_) return std::nullopt;
  if (!keys_->expires) return keys_;
  const Duration left = *keys_->expires - wall_now();
  const BootTime now = boot_now();
  if (left > ahead) return keys_;
  if (left <= Duration::zero()) return std::nullopt;
  const bool tried = now < retry_ || now - fetched_ < least_interval || refreshing_ == fork_generation();
  return tried ? std::optional(keys_) : std::nullopt;
}

bool AwsCredentials::begin_refresh() {
  if (refreshing_ == fork_generation()) return false;  // a parent's thread is not here to finish it
  refreshing_ = fork_generation();
  return true;
}

Result<std::shared_ptr<const AwsKeys>> AwsCredentials::get(const Call &call) {
  Pauses pauses(std::chrono::milliseconds(2), std::chrono::milliseconds(50));
  for (;;) {
    bool mine = false;
    {
      const std::lock_guard locked(mutex());
      if (auto keys = usable()) return *keys;
      mine = begin_refresh();
    }
    if (mine) return refresh(call);
    if (!pauses.take(call)) {
      if (call.cancel && call.cancel->is_triggered())
        return Error{Status::CANCELLED, "cancelled while AWS credentials were fetched"};
      return Error{Status::UNAVAILABLE, "AWS credentials were not there in time: another thread fetches them"};
    }
  }
}

Result<std::shared_ptr<const AwsKeys>> AwsCredentials::refresh(const Call &call) {
  struct Finish {
    AwsCredentials &self;
    ~Finish() {
      const std::lock_guard locked(mutex());
      self.refreshing_ = 0;
    }
  } const finish{*this};
  auto fresh = look(call);
  const std::lock_guard locked(mutex());
  if (fresh) {
    keys_ = *fresh;
    fetched_ = boot_now();
    refused_ = false;
    return fresh;
  }
  const bool still_good = keys_ && !refused_ && keys_->expires && *keys_->expires > wall_now();
  if (!still_good) return fresh;
  retry_ = boot_now() + least_interval;
  return keys_;
}

void AwsCredentials::refused(const AwsKeys &keys) {
  const std::lock_guard locked(mutex());
  // What a policy denies is refused with good keys too: their source is not asked for each of such requests.
  if (keys_ && *keys_ == keys && boot_now() - fetched_ >= least_age) refused_ = true;
}

Result<std::shared_ptr<const AwsKeys>> AwsCredentials::look(const Call &call) const {
  const aws::Sources sources{settings_, environment_, *http_, call};
  std::string looked;
  for (const auto source : {&aws::Sources::given, &aws::Sources::environment_keys, &aws::Sources::web_identity,
                            &aws::Sources::profile, &aws::Sources::container, &aws::Sources::instance}) {
    auto found = (sources.*source)();
    if (!found) return found.error();
    if (found->keys) return std::make_shared<const AwsKeys>(std::move(*found->keys));
    looked.append(looked.empty() ? "" : "; ").append(found->nothing);
  }
  return Error{Status::UNAUTHENTICATED, "there are no AWS credentials: " + looked};
}

}  // namespace vfslock::impl::net
