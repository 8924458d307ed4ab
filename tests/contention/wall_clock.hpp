#pragma once
#include <cstdint>

namespace contention {

// From now on this process sees another wall clock, and so does the library: programs' clock_gettime goes before libc's.
void shift_wall_clock(std::int64_t seconds);

}  // namespace contention
