#pragma once
// What is known of an endpoint's bucket: kept for the process, and in state_dir for a day, so that short-lived commands
// need not ask again.
#include <optional>
#include <string>

#include "base/state_files.hpp"
#include "storage/object/probe.hpp"

namespace vfslock::impl::object {

struct Known {
  Findings findings;                     // without their checks
  std::optional<Duration> clock_offset;  // the server's clock minus the boot clock of this host
  bool bare_etags = false;               // the server compares ETags without their quotes
};

// `name`: endpoint, bucket and whose keys. Nothing is taken for known that was found before this host's boot: the clock
// would be wrong.
std::optional<Known> recall(const std::string &name, const StateFiles &files);
void remember(const std::string &name, const Known &known, const StateFiles &files);

}  // namespace vfslock::impl::object
