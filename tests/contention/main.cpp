// Many contenders for one lock, and all oracles over them. See --help.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>

#include "arena.hpp"
#include "place.hpp"

using namespace contention;

namespace {

constexpr const char *usage =
    "usage: contention [--in FOLDER | --memory | --uri URI] [--hold-ms N] [--contenders N] [--holds N] [--threads] [--keep]\n"
    "                  [--wall-spread SECONDS] [--kills N] [--stops N] [--seed N] [--limit SECONDS]\n"
    "                  [--lock real|flock|none|apart|believer] [--expect ORACLE,ORACLE…]\n"
    "Exit code 0: nothing was found. With --expect: each of the named oracles found something.\n";

struct Arguments {
  Plan plan;
  std::string folder = ".";
  bool memory = false;
  std::string uri;  // below it; its storage is configured by the environment
  std::set<std::string> expect;
};

Arguments parse(int argc, char **argv) {
  Arguments arguments;
  Plan &plan = arguments.plan;
  plan.seed = std::random_device{}();
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 == argc) throw std::invalid_argument(name + " needs a value");
      return argv[++i];
    };
    const auto number = [&] { return static_cast<std::uint32_t>(std::stoul(value())); };
    if (name == "--in") arguments.folder = value();
    else if (name == "--memory") arguments.memory = plan.threads = true;
    else if (name == "--uri") arguments.uri = value(), plan.network = true;
    else if (name == "--wall-spread") plan.wall_spread_s = number();
    else if (name == "--hold-ms") plan.hold_ms = number();
    else if (name == "--contenders") plan.contenders = number();
    else if (name == "--holds") plan.holds = number();
    else if (name == "--threads") plan.threads = true;
    else if (name == "--keep") plan.kind.keep = true;
    else if (name == "--kills") plan.kills = number();
    else if (name == "--stops") plan.stops = number();
    else if (name == "--seed") plan.seed = std::stoull(value());
    else if (name == "--limit") plan.limit_s = number();
    else if (name == "--lock") plan.lock = value();
    else if (name == "--expect") {
      const std::string oracles = value() + ",";
      for (std::size_t at = 0, end = 0; (end = oracles.find(',', at)) != std::string::npos; at = end + 1) {
        arguments.expect.insert(oracles.substr(at, end - at));
      }
    } else throw std::invalid_argument("there is no " + name);
  }
  if (plan.threads && plan.faults()) throw std::invalid_argument("threads cannot be killed or stopped");
  return arguments;
}

// Whatever happened, the lock is free.
void check_free(const Plan &plan, const char *when, std::vector<Finding> &findings) {
  std::string why;
  const auto lock = real_lock(plan.kind);
  if (lock->acquire(0, why) != Granted::yes) findings.push_back({"rest", "not free " + std::string(when) + ": " + why});
  else lock->release();
}

std::string spread(std::vector<std::int64_t> ns) {
  std::sort(ns.begin(), ns.end());
  const auto at = [&](double part) { return static_cast<double>(ns[static_cast<std::size_t>(part * static_cast<double>(ns.size() - 1))]) / 1e6; };
  char text[120];
  std::snprintf(text, sizeof text, "median %.2f ms, p99 %.2f ms, longest %.2f ms", at(0.5), at(0.99), at(1));
  return text;
}

void tell(const Plan &plan, const Summary &found, const Faults &faults, double seconds) {
  std::printf("  %lld holds, %lld to their end, in %.1f s\n", static_cast<long long>(found.holds),
              static_cast<long long>(found.left), seconds);
  if (plan.kills) {
    std::printf("  %u kills: %u of holders (%u of them stopped), %lld taken over after %s\n", faults.kills,
                faults.kills_of_holders, faults.kills_of_stopped, static_cast<long long>(found.takeovers),
                found.takeover_ns.empty() ? "-" : spread(found.takeover_ns).c_str());
  }
  if (plan.stops) {
    std::printf("  %u stops: %u of holders, %u of them robbed meanwhile; %lld woke up inside and were told so, "
                "%lld on the way in; %u let go at once\n", faults.stops, faults.stops_of_holders, faults.stops_robbed,
                static_cast<long long>(found.robbed), static_cast<long long>(found.missed), faults.stops_let_go);
  }
}

void print(const std::vector<Finding> &findings, int of_each) {
  std::map<std::string, int> shown;
  for (const Finding &finding : findings) {
    if (++shown[finding.oracle] <= of_each) std::printf("  %s: %s\n", finding.oracle.c_str(), finding.text.c_str());
  }
  for (const auto &[oracle, count] : shown) std::printf("  %s: %d findings\n", oracle.c_str(), count);
}

int run(Arguments arguments, const std::string &command) {
  Plan &plan = arguments.plan;
  std::optional<Place> place;
  if (arguments.memory) {
    plan.kind.uri = "mem://contention/data";
  } else if (!arguments.uri.empty()) {
    plan.kind.uri = arguments.uri + "/" + std::to_string(plan.seed);
  } else {
    place.emplace(arguments.folder);
    plan.kind.uri = place->path() + "/data";
  }
  std::printf("%u %s on %s, record %s, lock: %s, seed %llu\n", plan.contenders, plan.threads ? "threads" : "processes",
              place ? place->file_system().c_str() : plan.kind.uri.c_str(), plan.kind.keep ? "kept" : "removed", plan.lock.c_str(),
              static_cast<unsigned long long>(plan.seed));
  std::fflush(stdout);

  // A server is met once, before the contenders start: they inherit what was learned of it.
  std::vector<Finding> findings;
  if (plan.network) check_free(plan, "at the beginning", findings);
  Shared shared(plan.contenders, plan.faults() ? plan.holds + 50'000 : plan.holds);
  const std::int64_t started = now_ns();
  const Faults faults = plan.threads ? run_threads(shared, plan, findings) : run_processes(shared, plan, findings);
  const double seconds = static_cast<double>(now_ns() - started) / 1e9;

  const Summary found = sweep(log_of(shared), shared.board().counter, {plan.faults(), !plan.network || plan.kind.keep, plan.network}, findings);
  std::uint32_t late = 0;
  for (std::uint32_t slot = 0; slot < plan.contenders; ++slot) {
    if (shared.slot(slot).errors.load() != 0) findings.push_back({"rest", shared.slot(slot).error});
    late += shared.slot(slot).late.load();
  }
  if (late != 0 && plan.stops == 0) findings.push_back({"rest", std::to_string(late) + " grants came too late"});
  if (found.left < std::int64_t{plan.holds} * plan.contenders && !plan.faults()) {
    findings.push_back({"rest", "only " + std::to_string(found.left) + " holds came to their end"});
  }
  // A run that did not reach its faults has shown nothing.
  if (found.takeovers < plan.kills || faults.kills_of_holders < plan.kills) {
    findings.push_back({"faults", "too few holders were killed and followed by another"});
  }
  if (faults.stops_robbed < plan.stops) findings.push_back({"faults", "too few stopped holders were robbed"});
  if (plan.lock == "real") {
    check_free(plan, "at the end", findings);
    if (place) place->check_left(plan.kind.keep ? "data.lock" : "", findings);
  }

  tell(plan, found, faults, seconds);
  print(findings, arguments.expect.empty() ? 5 : 1);
  if (arguments.expect.empty()) {
    if (!findings.empty()) std::printf("  again, with other interleavings: %s\n", command.c_str());
    return findings.empty() ? 0 : 1;
  }
  for (const Finding &finding : findings) arguments.expect.erase(finding.oracle);
  for (const std::string &oracle : arguments.expect) std::printf("  not caught by: %s\n", oracle.c_str());
  return arguments.expect.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(usage, stdout);
    return 0;
  }
  try {
    const Arguments arguments = parse(argc, argv);
    std::string command = argv[0];
    for (int i = 1; i < argc; ++i) command += std::string(" ") + argv[i];
    return run(arguments, command + " --seed " + std::to_string(arguments.plan.seed));
  } catch (const std::exception &error) {
    std::fprintf(stderr, "contention: %s\n%s", error.what(), usage);
    return 64;
  }
}
