#pragma once
// Durations as people write them: 500ms, 30s, 5m, 1h.
#include <cstdint>
#include <string>

#include "cli/usage.hpp"

namespace vfslock::cli {

// Milliseconds. `word` is a text that means `word_means` (as in --wait forever); "" for none.
// Throws UsageError, which names the option and says what would be right.
std::int64_t parse_duration(const std::string &option, const std::string &text, const std::string &word,
                            std::int64_t word_means);

}  // namespace vfslock::cli
