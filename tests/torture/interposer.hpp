#pragma once
// Stands between the library and libc: the n-th allocation or the n-th system call of a thread fails as planned.
//
// The program defines malloc and its family and the calls that the library imports; the loader binds the library to
// these. What libc does inside itself (opendir's own open, a thread's stack) is not seen here.
#include <atomic>
#include <cstddef>

namespace vfslock::torture {

// How a call fails: not made, made and then told as failed, or (a write) made in part.
enum class Way { instead, after, in_part };
struct Failure {
  int error_number = 0;
  Way way = Way::instead;
};

// A call and the failures that it can have here.
struct Call {
  const char *name;
  Failure failures[10];  // until one without a number
};

enum class Kind { allocations, calls };

// What is to fail. It is counted down from `nth`; 0 only counts.
struct Plan {
  Plan(Kind what, long n, std::size_t how) : kind(what), nth(n), which(how) {}

  const Kind kind;
  const long nth;
  const std::size_t which;  // of the call's failures

  std::atomic<long> seen{0};
  std::atomic<bool> hit{false};
  std::atomic<const Call *> call{nullptr};  // the n-th, also where it has fewer failures than `which`
};

// For what this thread calls while it exists. Its allocations are remembered until they are freed.
class Armed {
 public:
  explicit Armed(Plan &plan);
  ~Armed();
  Armed(const Armed &) = delete;
  Armed &operator=(const Armed &) = delete;
};

// For what threads other than this one call from now on; null ends it. The plan must outlive them.
void arm_other_threads(Plan *plan);

// Allocations made while armed that nobody has freed.
long allocations_alive();

}  // namespace vfslock::torture
