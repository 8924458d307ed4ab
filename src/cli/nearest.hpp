#pragma once
// Which of the known words was probably meant.
#include <string>
#include <vector>

namespace vfslock::cli {

// The known word with the fewest changes to `word`; "" when none is near.
std::string nearest(const std::string &word, const std::vector<std::string> &known);

}  // namespace vfslock::cli
