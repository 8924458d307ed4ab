#include "storage/object/known.hpp"

#include <map>
#include <mutex>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/mutex.hpp"

namespace vfslock::impl::object {
namespace {

constexpr Duration longest_life = std::chrono::hours(24);
constexpr const char *kind = "probe";

struct Entry {
  Known known;
  BootTime since;
};

std::map<std::string, Entry> &entries() {
  static auto *all = new std::map<std::string, Entry>;
  return *all;
}

std::int64_t whole(Duration duration) { return duration.count(); }

std::string to_json(const std::string &name, const Known &known) {
  json::Value out = json::Value::object();
  out.add("name", json::Value::of(name));
  out.add("boot", json::Value::of(boot_id()));
  out.add("since", json::Value::of(std::to_string(whole(boot_now().time_since_epoch()))));
  out.add("exact", json::Value::of(known.findings.level == Level::exact));
  out.add("remove", json::Value::of(known.findings.conditional_remove));
  out.add("bare", json::Value::of(known.bare_etags));
  out.add("how", json::Value::of(known.findings.how));
  if (known.clock_offset) out.add("clock", json::Value::of(std::to_string(whole(*known.clock_offset))));
  return json::write(out);
}

std::optional<Duration> duration_of(const json::Value *value) {
  if (!value || value->kind != json::Value::Kind::string || value->text.empty() || value->text.size() > 19 ||
      value->text.find_first_not_of("-0123456789") != std::string::npos)
    return std::nullopt;
  return Duration(std::strtoll(value->text.c_str(), nullptr, 10));
}

std::optional<Known> from_json(const std::string &name, const std::string &text) {
  const auto value = json::parse(text);
  if (!value) return std::nullopt;
  const auto is = [&](const char *member, const std::string &wanted) {
    const json::Value *found = value->find(member);
    return found && found->text == wanted;
  };
  const auto truth = [&](const char *member) {
    const json::Value *found = value->find(member);
    return found && found->boolean;
  };
  const auto since = duration_of(value->find("since"));
  if (!is("name", name) || boot_id().empty() || !is("boot", boot_id()) || !since) return std::nullopt;
  const Duration age = boot_now() - BootTime(*since);
  if (age < Duration::zero() || age > longest_life || !truth("exact")) return std::nullopt;
  Known known;
  known.findings.level = Level::exact;
  known.findings.conditional_remove = truth("remove");
  known.bare_etags = truth("bare");
  if (const json::Value *how = value->find("how")) known.findings.how = how->text;
  known.clock_offset = duration_of(value->find("clock"));
  return known;
}

}  // namespace

std::optional<Known> recall(const std::string &name, const StateFiles &files) {
  {
    const std::lock_guard locked(net::mutex());
    if (const auto at = entries().find(name); at != entries().end()) {
      if (boot_now() - at->second.since <= longest_life) return at->second.known;
      entries().erase(at);
    }
  }
  const auto text = files.read(kind, name);
  return text ? from_json(name, *text) : std::nullopt;
}

void remember(const std::string &name, const Known &known, const StateFiles &files) {
  {
    const std::lock_guard locked(net::mutex());
    entries()[name] = {known, boot_now()};
  }
  if (known.findings.level == Level::exact) files.write(kind, name, to_json(name, known));
  else files.remove(kind, name);
}

}  // namespace vfslock::impl::object
