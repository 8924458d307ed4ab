#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "bare.h"
#include "bench.hpp"
#include "subject.hpp"

namespace bench {

namespace {

void check(int result) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), "bare C");
}

template <class Thing>
double microseconds(int repeats, Thing thing) {
  const std::int64_t began = now_ns();
  for (int i = 0; i < repeats; ++i) thing();
  return static_cast<double>(now_ns() - began) / 1000 / repeats;
}

}  // namespace

Solo solo(const std::string &folder, const Settings &settings) {
  // Folders of their own: a record that is kept would be found by the others.
  const std::string removed = folder + "/removed", kept = folder + "/kept", bare = folder + "/bare";
  const std::string bare_record = folder + "/bare-kept";
  Subject remover(removed, false), keeper(kept, true);
  Subject(bare_record, true).once();
  Solo out;
  for (int round = -1; round < settings.rounds; ++round) {  // the first warms up
    Solo now;
    now.removed.add(microseconds(settings.repeats, [&] { remover.once(); }));
    now.bare_removed.add(microseconds(settings.repeats, [&] { check(bare_removed(removed.c_str())); }));
    now.kept.add(microseconds(settings.repeats, [&] { keeper.once(); }));
    now.bare_kept.add(microseconds(settings.repeats, [&] { check(bare_kept(bare_record.c_str())); }));
    now.least.add(microseconds(settings.repeats, [&] { check(bare_least(bare.c_str())); }));
    if (round < 0) continue;
    out.removed.add(now.removed.at(0));
    out.bare_removed.add(now.bare_removed.at(0));
    out.kept.add(now.kept.at(0));
    out.bare_kept.add(now.bare_kept.at(0));
    out.least.add(now.least.at(0));
    progress("one process: round " + std::to_string(round + 1) + " of " + std::to_string(settings.rounds));
  }
  return out;
}

void trace(const std::string &folder, const std::string &what, int times) {
  const bool keep = what == "kept" || what == "bare-kept";
  const bool bare = what.rfind("bare-", 0) == 0;
  const std::string place = folder + (keep ? "/kept" : "/removed");
  Subject subject(place, keep);
  const auto once = [&] {
    if (!bare) subject.once();
    else check(keep ? bare_kept(place.c_str()) : bare_removed(place.c_str()));
  };
  subject.once();
  once();  // what is done once for each process, or waits for a thread to start, is over
  getppid();
  for (int i = 0; i < times; ++i) once();
  getppid();
}

}  // namespace bench
