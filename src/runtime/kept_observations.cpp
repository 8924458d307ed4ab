#include "runtime/kept_observations.hpp"

#include <map>
#include <memory>
#include <set>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/state_files.hpp"
#include "runtime/ambient.hpp"

namespace vfslock::impl {
namespace {

constexpr const char *kind = "seen";

// The file's text. R4: a stored observation counts on the same boot clock only, in the same boot and time namespace.
std::string written(const Version &version, BootTime since) {
  json::ObjectWriter out;
  out.string("clock", boot_clock_id());
  out.string("version", sha256_hex(version.id));
  out.decimal("sinceNs", since.time_since_epoch().count());
  return out.take();
}

std::optional<BootTime> since_in(std::string_view text, const Version &version, BootTime now) {
  const auto parsed = json::parse(text);
  if (!parsed || parsed->kind != json::Value::Kind::object) return std::nullopt;
  const auto *since = parsed->find("sinceNs");
  if (!since || since->kind != json::Value::Kind::string || since->text.size() > 18 ||
      since->text.find_first_not_of("0123456789") != std::string::npos || since->text.empty())
    return std::nullopt;
  const BootTime time{Duration(std::stoll(since->text))};
  // Written back, it must be the same text: so clock and version are compared, and nothing else is in it.
  return time <= now && text == written(version, time) ? std::optional(time) : std::nullopt;
}

class Kept final : public Observations {
 public:
  explicit Kept(std::string folder) : files_(std::move(folder)) {}

  BootTime first_seen(const std::string &identity, const Version &version, BootTime receipt) override {
    GuardedObservations &process = ambient().observations;
    const BootTime since = process.first_seen(identity, version, receipt);
    if (since != receipt || boot_clock_id().empty()) return since;  // this process knows more than any file
    const auto text = files_.read(kind, identity);
    const auto earlier = text ? since_in(*text, version, receipt) : std::nullopt;
    if (text) keep_in_mind(identity);
    if (!earlier) return since;
    process.backdate(identity, *earlier);
    return *earlier;
  }

  void wrote(const std::string &identity, const Version &version, BootTime at) override {
    ambient().observations.wrote(identity, version, at);
  }

  // Another process's file may stay: it speaks of a version that nobody will see again.
  void forget(const std::string &identity) override {
    ambient().observations.forget(identity);
    const bool has_file = [&] {
      const std::lock_guard locked(process_mutex());
      return with_files_.erase(identity) > 0;
    }();
    if (has_file) files_.remove(kind, identity);
  }

  void remember(const std::string &identity, const Version &version) override {
    if (boot_clock_id().empty()) return;
    keep_in_mind(identity);
    files_.write(kind, identity, written(version, ambient().observations.first_seen(identity, version, boot_now())));
  }

 private:
  void keep_in_mind(const std::string &identity) {
    const std::lock_guard locked(process_mutex());
    with_files_.insert(identity);
  }

  const StateFiles files_;
  std::set<std::string> with_files_;  // of those that this process knows to have one
};

}  // namespace

Observations &observations_in(const std::string &folder) {
  static auto *const all = new std::map<std::string, std::unique_ptr<Kept>>;
  auto fresh = std::make_unique<Kept>(folder);
  const std::lock_guard locked(process_mutex());
  return *all->try_emplace(folder, std::move(fresh)).first->second;
}

}  // namespace vfslock::impl
