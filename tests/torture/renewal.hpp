#pragma once
#include <string>

namespace vfslock::torture {

// Each allocation and each system call of the library's own threads fails once while they renew a lock.
void renewals_fail(const std::string &base);

}  // namespace vfslock::torture
