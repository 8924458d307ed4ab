#include "capi/keys.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "capi/arguments.hpp"

using namespace vfslock::impl;

namespace {

constexpr auto client = vfslock_key::Scope::client;
constexpr auto options = vfslock_key::Scope::options;

constexpr vfslock_key keys[] = {
#define KEY(name, scope, environment, type, built_in, range, text) {name, scope, environment, type, built_in, range, text},
#include "lists/options.def"
#undef KEY
};

// How many characters to add, drop or replace to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

const vfslock_key &vfslock::impl::key_named(std::string_view name, vfslock_key::Scope scope) {
  const vfslock_key *nearest = nullptr;
  for (const vfslock_key &key : keys) {
    if (key.scope != scope) {
      if (key.name == name)
        refuse("\"" + std::string(name) + (scope == client ? "\" is set on options, by vfslock_options_set"
                                                           : "\" is set on a client, by vfslock_client_set"));
      continue;
    }
    if (key.name == name) return key;
    if (!nearest || distance(name.substr(0, 100), key.name) < distance(name.substr(0, 100), nearest->name)) nearest = &key;
  }
  refuse("there is no key \"" + std::string(name.substr(0, 100)) + "\"; did you mean \"" + nearest->name + "\"?");
}

const vfslock_key *vfslock_key_next(const vfslock_key *previous) {
  const vfslock_key *next = previous ? previous + 1 : std::begin(keys);
  return next == std::end(keys) ? nullptr : next;
}

const char *vfslock_key_name(const vfslock_key *key) { return key ? key->name : nullptr; }

const char *vfslock_key_text(const vfslock_key *key, const char *field) {
  if (!key || !field) return nullptr;
  const std::string_view wanted(field);
  if (wanted == "scope") return key->scope == client ? "client" : "options";
  if (wanted == "type") return key->type;
  if (wanted == "default") return key->built_in;
  if (wanted == "range") return key->range;
  if (wanted == "text") return key->text;
  if (wanted == "environment") return key->environment;
  return nullptr;
}
