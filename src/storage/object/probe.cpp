#include "storage/object/probe.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include <signal.h>

#include "base/hash.hpp"

namespace vfslock::impl::object {
namespace {

constexpr int racers = 8;

// No two are equal (R2). A reader that meets one finds a record that nobody holds.
Write scratch_write() {
  const std::string id = random_hex(32);
  std::string bytes =
      R"({"createdAt":"1970-01-01T00:00:00Z","ttl":1,"hostname":"","pid":0,"ownerId":"vfslock probe","version":1,"lockId":")" +
      id + R"(","writeId":")" + id + R"(","seq":"1","state":"released","token":"0","lease":"1"})";
  return {1, id, [bytes = std::move(bytes)](std::optional<std::int64_t>) { return bytes; }};
}

std::string text_of(const Error &error) { return error.message; }

std::string text_of(const Result<Put> &put) {
  if (!put) return text_of(put.error());
  if (std::holds_alternative<Landed>(*put)) return "written";
  if (std::holds_alternative<Refused>(*put)) return "refused";
  return "no clear answer: " + text_of(std::get<Unknown>(*put).cause);
}

std::string text_of(const Result<Removal> &removal) {
  if (!removal) return text_of(removal.error());
  if (std::holds_alternative<Done>(*removal)) return "removed";
  if (std::holds_alternative<Refused>(*removal)) return "refused";
  return "no clear answer: " + text_of(std::get<Unknown>(*removal).cause);
}

class Probe {
 public:
  Probe(Store &store, const std::string &scratch, const Call &call) : store_(store), scratch_(scratch), call_(call) {}

  Result<Findings> run(int races);

 private:
  Result<Put> put(const Condition &condition) {
    TenurePtr nobody;
    return store_.put(scratch_, scratch_write(), condition, Step::seize, nobody, call_);
  }
  Result<Removal> remove(const Version &version) {
    TenurePtr nobody;
    return store_.remove(scratch_, version, nobody, call_);
  }
  bool note(const char *name, bool good, std::string seen) {
    findings_.checks.push_back({name, good, std::move(seen)});
    return good;
  }
  Findings ends(Level level, std::string how) {
    if (level == Level::none)
      how += "; two could hold one lock there: use a server whose conditional requests are atomic";
    findings_.level = level;
    findings_.how = std::move(how);
    return std::move(findings_);
  }
  bool removal_compares(const Version &version);
  int winners(const Condition &condition);
  bool races_are_won_once(int rounds);
  void clean_up();

  Store &store_;
  const std::string &scratch_;
  const Call &call_;
  Findings findings_;
};

// P5: refused for another version, and the object is still there.
bool Probe::removal_compares(const Version &version) {
  const auto removal = remove(Version{"\"00000000000000000000000000000000\""});
  const auto look = store_.get(scratch_, Reading::exact, call_);
  const bool there = look && *look && (*look)->version == version;
  const bool refused = removal && std::holds_alternative<Refused>(*removal);
  return note("P5 remove on another version", refused && there,
              text_of(removal) + (there ? ", the object stands" : ", the object is gone"));
}

int Probe::winners(const Condition &condition) {
  std::array<int, racers> won{};
  {
    // Threads of the library block all signals: the program's are its own threads' to handle.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::vector<std::thread> threads;
    try {
      for (int &one : won)
        threads.emplace_back([this, &condition, &one] {
          try {
            const auto landed = put(condition);
            one = landed && std::holds_alternative<Landed>(*landed);
          } catch (...) {  // it has not won
          }
        });
    } catch (...) {  // fewer threads race as well
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    for (std::thread &thread : threads) thread.join();
  }
  return static_cast<int>(std::count(won.begin(), won.end(), 1));
}

// P7: finds servers that check and then act, which no single request shows.
bool Probe::races_are_won_once(int rounds) {
  int created = 0, replaced = 0;
  for (int round = 0; round < rounds && created <= 1 && replaced <= 1; ++round) {
    clean_up();
    auto look = store_.get(scratch_, Reading::exact, call_);
    if (look && !*look) created = std::max(created, winners(IfAbsent{}));
    look = store_.get(scratch_, Reading::exact, call_);
    if (look && *look) replaced = std::max(replaced, winners((*look)->version));
  }
  return note(
      "P7 races of eight", created <= 1 && replaced <= 1,
      "at most " + std::to_string(created) + " creators and " + std::to_string(replaced) + " replacers won at once");
}

// Nobody else has an object of this name, so it does not matter whether the condition is looked at. Where nothing may
// be removed it stays: a released record, which hinders nobody.
void Probe::clean_up() {
  const auto look = store_.get(scratch_, Reading::exact, call_);
  if (look && *look) (void)remove((*look)->version);
}

Result<Findings> Probe::run(int races) {
  const auto created = put(IfAbsent{});
  const auto *first = created ? std::get_if<Landed>(&*created) : nullptr;
  if (!note("P1 create where nothing is", first != nullptr, text_of(created))) {
    if (created || created.error().status != Status::UNSUPPORTED) {
      if (!created) return created.error();
      return Error{Status::UNAVAILABLE,
                   "the storage could not be examined: a create where nothing is was " + text_of(created)};
    }
    return ends(Level::none, "the server does not know conditional writes (" + text_of(created) + ")");
  }
  const Version version = first->version;

  const auto again = put(IfAbsent{});
  if (!note("P2 create on an existing object", again && std::holds_alternative<Refused>(*again), text_of(again))) {
    if (!again) return again.error();
    return ends(Level::none, "the server ignores If-None-Match: a second create was " + text_of(again));
  }
  const auto bogus = put(Version{"\"00000000000000000000000000000000\""});
  if (!note("P3 replace on another version", bogus && std::holds_alternative<Refused>(*bogus), text_of(bogus))) {
    if (!bogus && bogus.error().status != Status::UNSUPPORTED) return bogus.error();
    return ends(Level::none, "the server ignores If-Match: a replace on a version that never was is " + text_of(bogus));
  }
  const auto replaced = put(version);
  const auto *second = replaced ? std::get_if<Landed>(&*replaced) : nullptr;
  if (!note("P4 replace on the version that stands", second != nullptr, text_of(replaced)))
    return ends(Level::none, "the server does not take its own ETag in If-Match: the replace was " + text_of(replaced));

  if (removal_compares(second->version)) {
    const auto removed = remove(second->version);
    const auto gone = store_.get(scratch_, Reading::exact, call_);
    findings_.conditional_remove =
        note("P6 remove on the version that stands",
             removed && std::holds_alternative<Done>(*removed) && gone && !*gone, text_of(removed));
  }
  if (races > 0 && !races_are_won_once(races))
    return ends(Level::none,
                "the server checks a condition and writes later: two of eight that raced were told that they won");
  clean_up();
  return ends(Level::exact, std::string("probe: conditional writes") +
                                (findings_.conditional_remove ? " and removal are" : " are, removal is not,") +
                                " atomic" + (races > 0 ? ", races too" : ""));
}

}  // namespace

Result<Findings> probe(Store &store, const std::string &scratch, int races, const Call &call) {
  return Probe(store, scratch, call).run(races);
}

std::string scratch_name(const std::string &key, std::size_t longest) {
  const std::size_t slash = key.rfind('/'), name_at = slash == std::string::npos ? 0 : slash + 1;
  std::size_t dot = key.rfind('.');
  if (dot == std::string::npos || dot < name_at) dot = key.size();
  const std::string tail = ".probe." + random_hex(12) + key.substr(dot);
  // A long name is cut where its characters end.
  std::size_t room = std::min(key.size(), longest > tail.size() ? longest - tail.size() : 0);
  while (room > name_at && (static_cast<unsigned char>(key[room]) & 0xC0) == 0x80) --room;
  return key.substr(0, room) + tail;
}

}  // namespace vfslock::impl::object
