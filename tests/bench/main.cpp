// What vfslock costs on local disks, side by side with what it is made of. `tools/bench local` runs it.
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "bench.hpp"

using namespace bench;

namespace {

constexpr const char *usage =
    "usage: bench-local [--quick] FOLDER…\n"
    "       bench-local --trace removed|kept|bare-removed|bare-kept TIMES FOLDER\n";

// A folder for one measurement, gone afterwards.
class Place {
 public:
  explicit Place(const std::string &parent) : path_(parent + "/bench.XXXXXX") {
    if (!mkdtemp(path_.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp in " + parent);
    for (const char *name : {"/removed", "/kept", "/bare", "/bare-kept"}) std::filesystem::create_directory(path_ + name);
  }
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Place(const Place &) = delete;
  Place &operator=(const Place &) = delete;
  const std::string &path() const { return path_; }
  std::string file_system() const {
    struct statfs about {};
    if (statfs(path_.c_str(), &about) != 0) return "unknown";
    switch (static_cast<unsigned long>(about.f_type)) {
      case 0xef53: return "ext4";
      case 0x01021994: return "tmpfs";
      case 0x58465342: return "xfs";
      case 0x9123683e: return "btrfs";
      default: return "other";
    }
  }

 private:
  std::string path_;
};

struct Column {
  std::string file_system;
  Solo solo;
  Crowd crowd;
  Takeover takeover;
};

struct Row {
  const char *what;
  double limit;     // 0: shown only
  bool at_least;    // else at most
  double (*value)(const Column &);
  std::string (*parts)(const Column &);
};

std::string text(const char *format, double a, double b) {
  char out[80];
  std::snprintf(out, sizeof out, format, a, b);
  return out;
}
std::string us(const Series &a, const Series &b) { return text("%.1f / %.1f µs", a.median(), b.median()); }
std::string per_second(const Series &a, const Series &b) { return text("%.0f / %.0f holds/s", a.median(), b.median()); }
std::string p99(const Series &a, const Series &b) { return text("%.0f / %.0f µs", a.quantile(0.99), b.quantile(0.99)); }
double medians(const Series &a, const Series &b) { return a.median() / b.median(); }

const Row rows[] = {
    {"acquire + release, record removed ÷ the same system calls in bare C", 1.25, false,
     [](const Column &c) { return medians(c.solo.removed, c.solo.bare_removed); },
     [](const Column &c) { return us(c.solo.removed, c.solo.bare_removed); }},
    {"the same, record kept", 1.25, false,
     [](const Column &c) { return medians(c.solo.kept, c.solo.bare_kept); },
     [](const Column &c) { return us(c.solo.kept, c.solo.bare_kept); }},
    {"record removed ÷ O_CREAT\\|O_EXCL + write + close + unlink", 0, false,
     [](const Column &c) { return medians(c.solo.removed, c.solo.least); },
     [](const Column &c) { return us(c.solo.removed, c.solo.least); }},
    {"record kept ÷ the same", 0, false,
     [](const Column &c) { return medians(c.solo.kept, c.solo.least); },
     [](const Column &c) { return us(c.solo.kept, c.solo.least); }},
    {"many processes, holds of 1 ms, record removed ÷ blocking flock(2)", 0.8, true,
     [](const Column &c) { return medians(c.crowd.removed, c.crowd.flock); },
     [](const Column &c) { return per_second(c.crowd.removed, c.crowd.flock); }},
    {"the same, record kept", 0.8, true,
     [](const Column &c) { return medians(c.crowd.kept, c.crowd.flock); },
     [](const Column &c) { return per_second(c.crowd.kept, c.crowd.flock); }},
    {"takeover after SIGKILL, record removed ÷ a blocked flock(2), p99", 3, false,
     [](const Column &c) { return c.takeover.removed.quantile(0.99) / c.takeover.flock.quantile(0.99); },
     [](const Column &c) { return p99(c.takeover.removed, c.takeover.flock); }},
    {"the same, record kept, p99", 3, false,
     [](const Column &c) { return c.takeover.kept.quantile(0.99) / c.takeover.flock.quantile(0.99); },
     [](const Column &c) { return p99(c.takeover.kept, c.takeover.flock); }},
    {"takeover after SIGKILL, record removed ÷ a blocked flock(2), median", 0, false,
     [](const Column &c) { return medians(c.takeover.removed, c.takeover.flock); },
     [](const Column &c) { return us(c.takeover.removed, c.takeover.flock); }},
    {"the same, record kept, median", 0, false,
     [](const Column &c) { return medians(c.takeover.kept, c.takeover.flock); },
     [](const Column &c) { return us(c.takeover.kept, c.takeover.flock); }},
};

void print(const std::vector<Column> &columns) {
  std::printf("| figure | limit |");
  for (const Column &column : columns) std::printf(" %s | |", column.file_system.c_str());
  std::printf("\n|---|---|");
  for (std::size_t i = 0; i < columns.size(); ++i) std::printf("---|---|");
  std::printf("\n");
  for (const Row &row : rows) {
    std::printf("| %s | %s |", row.what,
                row.limit == 0 ? "shown" : text(row.at_least ? "≥ %.2g" : "≤ %.3g", row.limit, 0).c_str());
    for (const Column &column : columns) {
      const double value = row.value(column);
      const bool met = row.limit == 0 || (row.at_least ? value >= row.limit : value <= row.limit);
      std::printf(" %s%.2f%s | %s |", met ? "" : "**", value, row.limit == 0 ? "" : met ? " met" : " missed**",
                  row.parts(column).c_str());
    }
    std::printf("\n");
  }
  for (const Column &column : columns) {
    const Series removed = ratios(column.solo.removed, column.solo.bare_removed);
    const Series kept = ratios(column.solo.kept, column.solo.bare_kept);
    std::printf("\nNoise on %s: the middle half of the rounds says %.2f to %.2f (removed), %.2f to %.2f (kept); "
                "load %.1f.\n", column.file_system.c_str(), removed.quantile(0.25), removed.quantile(0.75),
                kept.quantile(0.25), kept.quantile(0.75), [] {
                  double load = 0;
                  std::ifstream("/proc/loadavg") >> load;
                  return load;
                }());
  }
}

std::string machine() {
  utsname about{};
  uname(&about);
  std::string model = "unknown processor", line;
  for (std::ifstream cpu("/proc/cpuinfo"); std::getline(cpu, line);) {
    if (line.rfind("model name", 0) == 0) model = line.substr(line.find(':') + 2);
  }
  return std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " × " + model + ", Linux " + about.release + ", GCC " __VERSION__;
}

int run(std::vector<std::string> arguments) {
  Settings settings;
  if (arguments.size() == 4 && arguments[0] == "--trace") {
    const Place place(arguments[3]);
    trace(place.path(), arguments[1], std::stoi(arguments[2]));
    return 0;
  }
  if (!arguments.empty() && arguments[0] == "--quick") {  // shows that it runs; its figures mean little
    settings = {20, 20, 4, 1, 0.2, 4};
    arguments.erase(arguments.begin());
  }
  if (arguments.empty() || arguments[0][0] == '-') {
    std::fputs(usage, stderr);
    return 64;
  }
  std::vector<std::unique_ptr<Place>> places;
  std::vector<Column> columns(arguments.size());
  for (const std::string &folder : arguments) places.push_back(std::make_unique<Place>(folder));
  // Those that fork come first: they start from a process in which the library has done nothing yet.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].file_system = places[i]->file_system();
    columns[i].takeover = takeover(places[i]->path(), settings);
    columns[i].crowd = crowd(places[i]->path(), settings);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].solo = solo(places[i]->path(), settings);
  progress("");
  std::printf("%s; %d kills, %d processes, %d rounds of %d.\n\n", machine().c_str(), settings.kills, settings.crowd,
              settings.rounds, settings.repeats);
  print(columns);
  return 0;
}

}  // namespace

namespace bench {

void progress(const std::string &text) {
  static const bool live = isatty(2);
  static std::int64_t shown = 0;
  if (live) {
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
  } else if (!text.empty() && now_ns() - shown > 10'000'000'000) {
    std::fprintf(stderr, "%s …\n", text.c_str());
    shown = now_ns();
  }
}

}  // namespace bench

int main(int argc, char **argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception &error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
