#pragma once
// Runs a program that the user configured to hand out credentials.
#include <string>
#include <string_view>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace vfslock::impl::net {

// Words as a shell splits them: quotes and backslashes, nothing else. INVALID_ARGUMENT for an open quote.
Result<std::vector<std::string>> split_words(std::string_view command);

// Its standard output, at most 64 KiB, once it has ended with exit code 0; UNAUTHENTICATED tells what it last wrote to
// standard error. Ends with the call, or after a minute; its whole process group is killed then. A process that it left
// behind, with its output open, is not waited for.
Result<Secret> run_helper(const std::vector<std::string> &words, const Call &call);

}  // namespace vfslock::impl::net
