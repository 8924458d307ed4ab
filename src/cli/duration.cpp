#include "cli/duration.hpp"

#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

namespace vfslock::cli {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};

}  // namespace

std::int64_t parse_duration(const std::string &option, const std::string &text, const std::string &word,
                            std::int64_t word_means) {
  if (!word.empty() && text == word) return word_means;
  const std::string right =
      "; write a whole number with a unit: 500ms, 30s, 5m, 1h" + (word.empty() ? "" : ", or " + word);
  std::int64_t number = 0;
  const char *end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem == std::errc::result_out_of_range) throw UsageError(option + ": " + text + " is too long" + right);
  if (problem != std::errc() || number < 0) throw UsageError(option + ": \"" + text + "\" is no duration" + right);
  // "30" may be meant as seconds or as milliseconds; a guess would be wrong by a factor of 1000.
  if (rest == end) throw UsageError(option + ": " + text + " has no unit" + right);
  for (const Unit &unit : units) {
    if (std::string_view(rest, static_cast<std::size_t>(end - rest)) != unit.name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.ms)
      throw UsageError(option + ": " + text + " is too long" + right);
    return number * unit.ms;
  }
  throw UsageError(option + ": \"" + text + "\" is no duration" + right);
}

}  // namespace vfslock::cli
