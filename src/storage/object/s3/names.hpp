#pragma once
// Names that become host names and paths: checked by their grammar before anything is sent (RELIABILITY §10).
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/address.hpp"

namespace vfslock::impl::s3 {

constexpr std::size_t longest_key = 1024;  // bytes

// INVALID_URI says which rule of bucket names is broken (AWS: "General purpose bucket naming rules").
Result<Done> check_bucket(std::string_view name);
Result<Done> check_key(std::string_view key);

}  // namespace vfslock::impl::s3
