// What the library costs as a whole: sizes, starts, many locks, many waiters. `tools/bench library` runs it.
#include <fcntl.h>
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "library.hpp"
#include "series.hpp"
#include "subject.hpp"

using namespace bench;

namespace {

constexpr const char *usage = "usage: bench-library [--quick] LIBRARY COMMAND LOADS FOLDER\n";

struct Settings {
  int locks = 10'000;
  double keep_seconds = 30;
  int files = 100'000;
  int rounds = 2000;
  int starts = 300;
  int waiters = 1000;
  double wait_seconds = 15;
};

void note(const std::string &text) { std::fprintf(stderr, "%s …\n", text.c_str()); }

// Runs a program to its end; what it prints goes into the file `out`.
double microseconds(std::vector<std::string> words, const std::string &out = "/dev/null") {
  std::vector<char *> arguments;
  for (std::string &word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::int64_t began = now_ns();
  pid_t pid = 0;
  int status = 0;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  if (failed == 0 && waitpid(pid, &status, 0) != pid) throw std::runtime_error("waitpid failed");
  const std::int64_t ended = now_ns();
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0 || status != 0) throw std::runtime_error("cannot run " + words[0]);
  return static_cast<double>(ended - began) / 1000;
}

double loading_microseconds(const std::string &folder, std::vector<std::string> words) {
  const std::string said = folder + "/said";
  microseconds(std::move(words), said);
  double nanoseconds = 0;
  if (!(std::ifstream(said) >> nanoseconds)) throw std::runtime_error("a loading program said nothing");
  return nanoseconds / 1000;
}

struct Pair {
  Series ours, other;
  double ratio() const { return ours.median() / other.median(); }
};

Pair full_folder(const std::string &folder, const Settings &settings) {
  const std::string full = folder + "/full", empty = folder + "/empty";
  std::filesystem::create_directories(full);
  std::filesystem::create_directories(empty);
  Subject in_full(full, false), in_empty(empty, false);
  std::ostringstream record;
  vfslock_lock *model = in_empty.acquire(VFSLOCK_NO_WAIT);
  record << std::ifstream(empty + "/data.lock").rdbuf();
  in_empty.release(model);
  for (int i = 0; i < settings.files; ++i) std::ofstream(full + "/" + std::to_string(i) + ".csv.lock") << record.str();
  const auto time = [](Subject &subject) {
    const std::int64_t began = now_ns();
    for (int i = 0; i < 20; ++i) subject.once();
    return static_cast<double>(now_ns() - began) / 20'000;
  };
  Pair out;
  time(in_full), time(in_empty);
  for (int i = 0; i < settings.rounds; ++i) {
    out.ours.add(time(in_full));
    out.other.add(time(in_empty));
  }
  return out;
}

Pair loads(const std::string &folder, const std::string &loader, const std::string &library, int times) {
  Pair out;
  for (int i = 0; i < times; ++i) {
    out.ours.add(loading_microseconds(folder, {loader, library, folder + "/first"}));
    out.other.add(loading_microseconds(folder, {loader, "libcurl.so.4"}));
  }
  return out;
}

Pair commands(const std::string &folder, const std::string &command, int times) {
  Pair out;
  for (int i = 0; i < times; ++i) {
    out.ours.add(microseconds({command, "run", folder + "/command", "--", "true"}));
    out.other.add(microseconds({"flock", folder + "/flock", "true"}));
  }
  return out;
}

double load() {
  double out = 0;
  std::ifstream("/proc/loadavg") >> out;
  return out;
}

template <class... Numbers>
void row(const char *what, const char *limit, const char *value, bool met, const char *format, Numbers... numbers) {
  char parts[160];
  std::snprintf(parts, sizeof parts, format, numbers...);
  std::printf("| %s | %s | %s%s %s%s | %s |\n", what, limit, met ? "" : "**", value, met ? "met" : "missed", met ? "" : "**", parts);
}

std::string text(const char *format, double value) {
  char out[40];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

void row(const char *what, double limit, const Pair &pair) {
  row(what, text("≤ %.3g", limit).c_str(), text("%.2f", pair.ratio()).c_str(), pair.ratio() <= limit, "%.1f / %.1f µs",
      pair.ours.median(), pair.other.median());
}

void run(const Settings &settings, const std::string &library, const std::string &command, const std::string &loader,
         const std::string &folder) {
  const double load_before = load();
  note("starts of programs");
  const std::string stripped = folder + "/libvfslock.so";
  microseconds({"strip", "-o", stripped, library});
  const double size = static_cast<double>(std::filesystem::file_size(stripped)) / 1e6;
  const Pair loading = loads(folder, loader, stripped, settings.starts);
  const Pair running = commands(folder, command, settings.starts);
  // Those that fork come first: they start from a process in which the library has done nothing yet.
  note("many waiters");
  const Waiters few = waiters(folder, settings.waiters / 10, settings.wait_seconds);
  const Waiters many = waiters(folder, settings.waiters, settings.wait_seconds);
  note("many held locks");
  const Kept keeping = kept(settings.locks, settings.keep_seconds);
  note("a full folder");
  const Pair full = full_folder(folder, settings);

  utsname about{};
  uname(&about);
  std::printf("%ld processors, Linux %s, GCC " __VERSION__ "; load %.1f to %.1f.\n\n| figure | limit | | |\n|---|---|---|---|\n",
              sysconf(_SC_NPROCESSORS_ONLN), about.release, load_before, load());
  const std::string locks = std::to_string(settings.locks) + " held locks in memory, TTL 10 s, for " +
                            text("%.0f", settings.keep_seconds) + " s: warnings, losses";
  row(locks.c_str(), "= 0", std::to_string(keeping.late).c_str(), keeping.late == 0, "%.1f s were the least time left",
      keeping.least_left_ms / 1000);
  row("the same: CPU", "≤ 5 % of a core", text("%.1f %%", keeping.core * 100).c_str(), keeping.core <= 0.05, "");
  row("the same: memory", "≤ 20 MB", text("%.1f MB", keeping.megabytes).c_str(), keeping.megabytes <= 20, "%.0f bytes for each",
      keeping.megabytes * 1e6 / settings.locks);
  row(("acquire + release in a folder of " + std::to_string(settings.files) + " lock files ÷ in an empty one").c_str(), 1.1, full);
  row("libvfslock.so, stripped", "≤ 2 MB", text("%.2f MB", size).c_str(), size <= 2, "");
  row("dlopen of it and a first lock ÷ dlopen of libcurl alone", 2, loading);
  row("`vfslock run X -- true` ÷ `flock X true`", 3, running);
  row((std::to_string(settings.waiters) + " threads wait for a local lock: CPU").c_str(), "≤ 5 % of a core",
      text("%.1f %%", many.core * 100).c_str(), many.core <= 0.05, "%.0f sleeps/s; of a tenth of the threads %.1f %%, %.0f sleeps/s",
      many.sleeps, few.core * 100, few.sleeps);
  std::printf("| the same: wake-ups at a release | shown | %.0f | %.0f ms of CPU; of a tenth of the threads %.0f, %.0f ms |\n",
              many.release_sleeps, many.release_core * 1000, few.release_sleeps, few.release_core * 1000);
}

}  // namespace

void bench::nap(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  const timespec length{whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nullptr);
}

int main(int argc, char **argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  Settings settings;
  if (!arguments.empty() && arguments[0] == "--quick") {  // shows that it runs; its figures mean little
    settings = {100, 0.5, 100, 5, 3, 100, 0.5};
    arguments.erase(arguments.begin());
  }
  if (arguments.size() != 4) {
    std::fputs(usage, stderr);
    return 64;
  }
  std::string folder = arguments[3] + "/bench.XXXXXX";
  if (!mkdtemp(folder.data())) {
    std::perror("bench: mkdtemp");
    return 1;
  }
  int code = 0;
  try {
    run(settings, arguments[0], arguments[1], arguments[2], folder);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    code = 1;
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return code;
}
