#include "tally.hpp"

#include <cstdio>

namespace vfslock::sim {
namespace {

constexpr const char *texts[] = {
#define SIM_TEXT(name, text) text,
    SIM_COUNTS(SIM_TEXT)
#undef SIM_TEXT
};

}  // namespace

std::string Tally::table() const {
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, "%12llu  ", static_cast<unsigned long long>(counts[i]));
    out += number + std::string(texts[i]) + "\n";
  }
  return out;
}

std::string Tally::missing() const {
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] == 0) out += std::string(texts[i]) + "\n";
  return out;
}

}  // namespace vfslock::sim
