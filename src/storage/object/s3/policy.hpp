#pragma once
#include <string>

namespace vfslock::impl::s3 {

// The least permissions for the locks beside `key`, as an IAM policy that can be pasted.
std::string policy(const std::string &bucket, const std::string &key, bool conditional_remove);

}  // namespace vfslock::impl::s3
