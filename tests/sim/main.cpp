// sim --seeds N [--first S]   runs N seeds; counts what happened
// sim --seed S --trace        runs one seed and prints its trace
// sim --find N [--first S]    for mutants: succeeds when one of N seeds fails
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "run.hpp"

namespace {

using namespace vfslock::sim;

struct Arguments {
  std::uint64_t seeds = 0, first = 1, one = 0;
  bool trace = false, single = false, find = false;
};

[[noreturn]] void usage(const char *program) {
  std::fprintf(stderr,
               "usage: %s --seeds N [--first S]   runs N seeds\n"
               "       %s --seed S [--trace]      runs one seed\n"
               "       %s --find N [--first S]    succeeds when one of N seeds fails\n",
               program, program, program);
  std::exit(64);
}

Arguments parse(int argc, char **argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--trace") {
      out.trace = true;
      continue;
    }
    char *end = nullptr;
    const std::uint64_t number = i + 1 < argc ? std::strtoull(argv[++i], &end, 10) : 0;
    if (!end || *end) usage(argv[0]);
    if (name == "--seeds" || name == "--find") out.seeds = number, out.find = name == "--find";
    else if (name == "--first") out.first = number;
    else if (name == "--seed") out.one = number, out.single = true;
    else usage(argv[0]);
  }
  if (out.single == (out.seeds != 0)) usage(argv[0]);
  return out;
}

// A trace is only made for the seed that failed: the second run is the same one.
void report(const char *program, std::uint64_t seed, const std::string &failure) {
  Tally unused;
  std::printf("%s\nseed %llu FAILED %s\nreplay: %s --seed %llu --trace\n", run_seed(seed, true, unused).trace.c_str(),
              static_cast<unsigned long long>(seed), failure.c_str(), program, static_cast<unsigned long long>(seed));
}

int run_one(const char *program, const Arguments &arguments) {
  Tally tally;
  const Outcome outcome = run_seed(arguments.one, arguments.trace, tally);
  if (arguments.trace) std::printf("%s", outcome.trace.c_str());
  if (outcome.failure.empty()) return 0;
  if (arguments.trace) std::printf("FAILED %s\n", outcome.failure.c_str());
  else report(program, arguments.one, outcome.failure);
  return 1;
}

int find(const Arguments &arguments) {
  Tally tally;
  for (std::uint64_t n = 0; n < arguments.seeds; ++n) {
    const Outcome outcome = run_seed(arguments.first + n, false, tally);
    if (outcome.failure.empty()) continue;
    std::printf("found by seed %llu, the %llu. tried: %s\n", static_cast<unsigned long long>(arguments.first + n),
                static_cast<unsigned long long>(n + 1), outcome.failure.c_str());
    return 0;
  }
  std::printf("not found by %llu seeds\n", static_cast<unsigned long long>(arguments.seeds));
  return 1;
}

// The same seed must give the same trace, byte for byte.
bool same_again(std::uint64_t seed, const std::string &trace) {
  Tally unused;
  const std::string again = run_seed(seed, true, unused).trace;
  if (again == trace) return true;
  const auto differs = std::mismatch(trace.begin(), trace.end(), again.begin(), again.end());
  const auto at = static_cast<std::size_t>(differs.first - trace.begin());
  const std::size_t from = at < 2000 ? 0 : at - 2000;
  std::printf("seed %llu FAILED: its second run had another trace\n--- first\n%s\n--- second\n%s\n",
              static_cast<unsigned long long>(seed), trace.substr(from, 2500).c_str(), again.substr(from, 2500).c_str());
  return false;
}

int run_many(const char *program, const Arguments &arguments) {
  constexpr std::uint64_t compared = 50;  // every so many-th seed is run twice
  Tally tally;
  for (std::uint64_t n = 0; n < arguments.seeds; ++n) {
    const std::uint64_t seed = arguments.first + n;
    const bool twice = n % compared == 0;
    const Outcome outcome = run_seed(seed, twice, tally);
    if (!outcome.failure.empty()) {
      report(program, seed, outcome.failure);
      return 1;
    }
    if (twice && !same_again(seed, outcome.trace)) return 1;
  }
  std::printf("%llu seeds\n%s", static_cast<unsigned long long>(arguments.seeds), tally.table().c_str());
  if (tally.missing(arguments.seeds).empty()) return 0;
  std::printf("FAILED: this never happened, so nothing was proven about it:\n%s", tally.missing(arguments.seeds).c_str());
  return 1;
}

}  // namespace

int main(int argc, char **argv) {
  const Arguments arguments = parse(argc, argv);
  if (arguments.single) return run_one(argv[0], arguments);
  return arguments.find ? find(arguments) : run_many(argv[0], arguments);
}
