#include "cli/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace vfslock::cli {
namespace {

// Letters put in, left out or exchanged (Levenshtein), one row of the table at a time.
std::size_t changes(const std::string &a, const std::string &b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t exchanged = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, exchanged});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(const std::string &word, const std::vector<std::string> &known) {
  std::string best;
  std::size_t fewest = word.size() / 2 + 1;
  for (const std::string &candidate : known) {
    // A word that was begun ("--req") is nearer than its number of changes says.
    const bool begun = word.size() > 3 && candidate.compare(0, word.size(), word) == 0;
    const std::size_t count = begun ? 0 : changes(word, candidate);
    if (count >= fewest) continue;
    fewest = count;
    best = candidate;
  }
  return best;
}

}  // namespace vfslock::cli
