#include <algorithm>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "capi/arguments.hpp"
#include "capi/guard.hpp"
#include "capi/keys.hpp"

using namespace vfslock::impl;

namespace {

// A setter: what it throws or returns also spoils the options, so that nobody needs to check each setter.
template <class Set>
vfslock_status spoiling(const char *operation, vfslock_options *options, vfslock_error **ret_err, Set set) noexcept {
  return guard(operation, ret_err, [&](Site &) -> Result<Done> {
    const auto spoil = [&](Status status, std::string why) {
      if (options && !options->spoiled) options->spoiled = Error{status, std::move(why)};
    };
    try {
      set();
      return Done{};
    } catch (const Failure &failure) {
      spoil(failure.error.status, std::string(operation) + " failed: " + failure.error.message);
      throw;
    } catch (const std::bad_alloc &) {
      spoil(Status::NO_MEMORY, {});
      throw;
    }
  });
}

template <class Change>
vfslock_status change(const char *operation, vfslock_options *options, vfslock_error **ret_err, Change set) noexcept {
  return spoiling(operation, options, ret_err, [&] { set(given(options, "options")); });
}

vfslock_status set_handler(const char *operation, vfslock_options *options, UserHandler vfslock_options::*which,
                           vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err) noexcept {
  return spoiling(operation, options, ret_err, [&] {
    UserHandler fresh(handler, user_data, destroy);  // first: whatever fails below, it calls destroy
    std::swap(given(options, "options").*which, fresh);
  });
}

// What stands in a record for people.
std::string plain_arg(const char *given_text, const char *name) {
  constexpr std::size_t most = 1000;
  const std::string_view text = text_arg(given_text, name);
  bool plain = is_utf8(text);
  for (const char c : text) plain = plain && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  if (!plain || text.size() > most)
    refuse(std::string(name) + " must be at most 1000 bytes of UTF-8 without control characters");
  return std::string(text);
}

Steal steal_arg(std::string_view word) {
  if (word == "lease") return Steal::lease;
  if (word == "dead") return Steal::dead;
  if (word == "never") return Steal::never;
  refuse("steal is \"" + std::string(word) + "\", but it must be lease, dead or never");
}

Level level_arg(std::int32_t guarantee) {
  switch (guarantee) {
    case VFSLOCK_GUARANTEE_NONE: return Level::none;
    case VFSLOCK_GUARANTEE_TIMED: return Level::timed;
    case VFSLOCK_GUARANTEE_EXACT: return Level::exact;
    default: break;
  }
  refuse("guarantee is " + std::to_string(guarantee) + ", but it must be VFSLOCK_GUARANTEE_NONE, _TIMED or _EXACT");
}

}  // namespace

vfslock_status vfslock_options_new(vfslock_options **ret_options, vfslock_error **ret_err) {
  return guard("options_new", ret_err, [&](Site &) -> Result<Done> {
    vfslock_options *&out = given(ret_options, "ret_options");
    out = new vfslock_options;
    return Done{};
  });
}

vfslock_status vfslock_options_dup(const vfslock_options *options, vfslock_options **ret_options, vfslock_error **ret_err) {
  return guard("options_dup", ret_err, [&](Site &) -> Result<Done> {
    vfslock_options *&out = given(ret_options, "ret_options");
    out = new vfslock_options(given(options, "options"));
    return Done{};
  });
}

void vfslock_options_free(vfslock_options *options) { delete options; }

vfslock_status vfslock_options_set(vfslock_options *options, const char *key, const char *value, vfslock_error **ret_err) {
  return change("options_set", options, ret_err, [&](vfslock_options &out) {
    const std::string_view name = text_arg(key, "key");
    const std::string_view text = text_arg(value, "value");
    key_named(name, vfslock_key::Scope::options);
    if (name == "steal") out.core.steal = steal_arg(text);
    else if (auto truth = boolean_setting({{std::string(name), std::string(text)}}, name, false); truth) out.core.adopt_empty = *truth;
    else refuse(truth.error().message);
  });
}

vfslock_status vfslock_options_set_ttl_ms(vfslock_options *options, std::int64_t ttl_ms, vfslock_error **ret_err) {
  return change("options_set_ttl_ms", options, ret_err, [&](vfslock_options &out) {
    out.core.lease = ttl_arg(ttl_ms);
    out.ttl_set = true;
  });
}

vfslock_status vfslock_options_set_owner_id(vfslock_options *options, const char *owner_id, vfslock_error **ret_err) {
  return change("options_set_owner_id", options, ret_err,
                [&](vfslock_options &out) { out.core.owner = plain_arg(owner_id, "owner_id"); });
}

vfslock_status vfslock_options_set_renewal(vfslock_options *options, std::int32_t renewal, vfslock_error **ret_err) {
  return change("options_set_renewal", options, ret_err,
                [&](vfslock_options &out) { out.core.renewal = flag_arg(renewal, "renewal"); });
}

vfslock_status vfslock_options_set_require(vfslock_options *options, std::int32_t guarantee, vfslock_error **ret_err) {
  return change("options_set_require", options, ret_err,
                [&](vfslock_options &out) { out.core.required = level_arg(guarantee); });
}

vfslock_status vfslock_options_set_keep_record(vfslock_options *options, std::int32_t keep, vfslock_error **ret_err) {
  return change("options_set_keep_record", options, ret_err,
                [&](vfslock_options &out) { out.core.keep = flag_arg(keep, "keep"); });
}

vfslock_status vfslock_options_set_detached(vfslock_options *options, std::int32_t detached, vfslock_error **ret_err) {
  return change("options_set_detached", options, ret_err,
                [&](vfslock_options &out) { out.core.detached = flag_arg(detached, "detached"); });
}

vfslock_status vfslock_options_set_create_parents(vfslock_options *options, std::int32_t create, vfslock_error **ret_err) {
  return change("options_set_create_parents", options, ret_err,
                [&](vfslock_options &out) { out.create_parents = flag_arg(create, "create"); });
}

vfslock_status vfslock_options_set_attribute(vfslock_options *options, const char *name, const char *value,
                                             vfslock_error **ret_err) {
  return change("options_set_attribute", options, ret_err, [&](vfslock_options &out) {
    std::string key = plain_arg(name, "name"), text = plain_arg(value, "value");
    if (key.empty()) refuse("name must not be empty");
    auto &all = out.core.attributes;
    const auto same = std::find_if(all.begin(), all.end(), [&](const auto &one) { return one.first == key; });
    if (same != all.end()) same->second = std::move(text);
    else if (all.size() == json::max_members) refuse("there are 64 attributes already, as many as a record may have");
    else all.emplace_back(std::move(key), std::move(text));
  });
}

vfslock_status vfslock_options_on_stale(vfslock_options *options, vfslock_handler handler, void *user_data,
                                        vfslock_destroy destroy, vfslock_error **ret_err) {
  return set_handler("options_on_stale", options, &vfslock_options::on_stale, handler, user_data, destroy, ret_err);
}

vfslock_status vfslock_options_on_waiting(vfslock_options *options, vfslock_handler handler, void *user_data,
                                          vfslock_destroy destroy, vfslock_error **ret_err) {
  return set_handler("options_on_waiting", options, &vfslock_options::on_waiting, handler, user_data, destroy, ret_err);
}

vfslock_status vfslock_options_on_at_risk(vfslock_options *options, vfslock_handler handler, void *user_data,
                                          vfslock_destroy destroy, vfslock_error **ret_err) {
  return set_handler("options_on_at_risk", options, &vfslock_options::on_at_risk, handler, user_data, destroy, ret_err);
}

vfslock_status vfslock_options_on_lost(vfslock_options *options, vfslock_handler handler, void *user_data,
                                       vfslock_destroy destroy, vfslock_error **ret_err) {
  return set_handler("options_on_lost", options, &vfslock_options::on_lost, handler, user_data, destroy, ret_err);
}
