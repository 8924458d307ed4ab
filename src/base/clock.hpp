#pragma once
// The only place that reads a clock or asks for randomness.
#include <cstddef>
#include <string>

#include "base/time.hpp"

namespace vfslock::impl {

BootTime boot_now() noexcept;  // CLOCK_BOOTTIME: counts suspend
WallTime wall_now() noexcept;  // CLOCK_REALTIME

// 16-byte nonces and jitter. From the kernel every time: a generator in user space would repeat itself
// after fork and in cloned machines (R1). Throws Failure when the kernel gives none.
void random_bytes(void *out, std::size_t size);

// The kernel's id of this boot (36 characters), or "" where it cannot be read.
const std::string &boot_id();

// Names the boot clock of this process: times of two processes may be compared only where it is the same. A time namespace
// has a clock of its own (time_namespaces(7)). "" where it cannot be told.
const std::string &boot_clock_id();

// When this host booted, by today's wall clock: files older than this were written before the boot.
WallTime boot_started() noexcept;

}  // namespace vfslock::impl
