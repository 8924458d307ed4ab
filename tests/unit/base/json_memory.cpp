// F17: what a hostile text may cost beyond itself. Counts every allocation of the process, cJSON's too.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

#include "base/json.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 1
#endif

#if COUNTS_ALLOCATIONS

extern "C" {
void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);
void *__libc_realloc(void *old, std::size_t size);
void __libc_free(void *memory);
}

namespace {

std::atomic<bool> counting{false};
std::atomic<std::ptrdiff_t> in_use{0};
std::atomic<std::ptrdiff_t> peak{0};

void *count(void *memory) {
  if (memory && counting) {
    in_use += static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
    peak = std::max(peak.load(), in_use.load());
  }
  return memory;
}

void uncount(void *memory) {
  if (memory && counting) in_use -= static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
}

}  // namespace

extern "C" {
void *malloc(std::size_t size) { return count(__libc_malloc(size)); }
void *calloc(std::size_t number, std::size_t size) { return count(__libc_calloc(number, size)); }
void *realloc(void *old, std::size_t size) {
  uncount(old);
  return count(__libc_realloc(old, size));
}
void free(void *memory) {
  uncount(memory);
  __libc_free(memory);
}
}

using namespace vfslock::impl;

namespace {

std::string repeat(std::string_view text, std::size_t size) {
  std::string out;
  while (out.size() + text.size() <= size) out += text;
  return out;
}

std::ptrdiff_t cost(std::string_view text, bool accepted) {
  in_use = 0;
  peak = 0;
  counting = true;
  {
    const auto value = json::parse(text);
    counting = false;
    INFO(text.substr(0, 40));
    CHECK(static_cast<bool>(value) == accepted);
    counting = true;
  }
  counting = false;
  CHECK(in_use == 0);
  return peak;
}

}  // namespace

TEST_CASE("F17: a hostile text costs at most 64 KiB beyond itself") {
  constexpr std::ptrdiff_t allowed = 64 * 1024;
  REQUIRE(cost("[1,\"a string that does not fit into the object\"]", true) > 0);  // or nothing is counted

  CHECK(cost(repeat("[", json::max_text), false) <= allowed);
  CHECK(cost("[" + repeat(",", 1'000'000), false) <= allowed);
  CHECK(cost("[" + repeat("1,", json::max_text - 2), false) <= allowed);
  CHECK(cost("[" + repeat("{},", json::max_text - 2), false) <= allowed);
  CHECK(cost("{" + repeat("\"\":0,", json::max_text - 2), false) <= allowed);

  // The dearest texts that are accepted: as many values as may be, and the longest strings.
  const std::string inner = "{\"a\":\"\"" + [] {
    std::string out;
    for (int i = 1; i < 63; ++i) out += ",\"" + std::to_string(i) + "\":\"\"";
    return out;
  }() + "}";
  const std::string many = "[" + inner + "," + inner + "," + inner + "," + inner.substr(0, inner.size() - 9) + "}]";
  const std::ptrdiff_t values = cost(many, true);
  CHECK(values <= allowed);
  CHECK(cost("{\"attributes\":{\"a\":\"" + std::string(16000, 'x') + "\"}}", true) <= allowed);
  MESSAGE("the most values cost " << values << " bytes");
}

#endif
