#pragma once
// Finds out what an object store really does with conditions: servers accept them and ignore them (BACKENDS §0,
// P1 to P7).
#include <string>
#include <vector>

#include "seam/store.hpp"

namespace vfslock::impl::object {

struct Findings {
  Level level = Level::none;
  bool conditional_remove = false;
  std::string how;  // for people: what was seen, and what would help
  std::vector<Examination::Check> checks;
};

// Works on `scratch`, an object of its own name beside the lock, through nothing but the store's conditional verbs.
// `races`: rounds of P7. An Error where the store could not be asked.
Result<Findings> probe(Store &store, const std::string &scratch, int races, const Call &call);

// A name beside `key` that nobody else has; it ends as the key does, so that a policy by suffix covers it too.
std::string scratch_name(const std::string &key, std::size_t longest);

}  // namespace vfslock::impl::object
