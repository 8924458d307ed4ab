#pragma once
// The strict grammar and the limits of RELIABILITY §10, checked before cJSON sees a byte: cJSON itself takes control
// bytes, bad UTF-8 and duplicates, cuts strings at NUL, and turns every number into a double.
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vfslock::impl::json {

// What cJSON's tree cannot tell, in the order of the text.
struct Outline {
  std::vector<std::string_view> numbers;   // lexemes
  std::vector<std::uint32_t> name_offsets;  // where each member's name begins
};

Result<Outline> check(std::string_view text, std::size_t longest_string);

Error corrupt(const std::string &what, std::size_t at);

}  // namespace vfslock::impl::json
