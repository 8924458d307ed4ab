#include "tally.hpp"

#include <cstdio>

namespace vfslock::sim {
namespace {

constexpr struct {
  std::uint64_t seeds;
  const char *text;
} kinds[] = {
#define SIM_KIND(name, seeds, text) {seeds, text},
    SIM_COUNTS(SIM_KIND)
#undef SIM_KIND
};

}  // namespace

std::string Tally::table() const {
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, "%12llu  ", static_cast<unsigned long long>(counts[i]));
    out += number + std::string(kinds[i].text) + "\n";
  }
  return out;
}

std::string Tally::missing(std::uint64_t seeds) const {
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] == 0 && seeds >= kinds[i].seeds) out += kinds[i].text + std::string("\n");
  return out;
}

}  // namespace vfslock::sim
