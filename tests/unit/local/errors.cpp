// F22, F34: each system call of each transition fails once, with each of these errors. Whatever happens: a typed
// answer, no descriptor and no temporary left, at most one holder, and the lock can be taken by the next.
#include <doctest/doctest.h>

#include "storage/local/draft.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

bool typed(const Error &error) {
  switch (error.status) {
    case Status::UNAVAILABLE:
    case Status::NO_SPACE:
    case Status::PERMISSION_DENIED:
    case Status::UNSUPPORTED:
    case Status::UNSAFE_PATH:
    case Status::NOT_FOUND:
    case Status::NO_MEMORY:
    case Status::LOST: return error.message.find('/') != std::string::npos;  // names the path
    default: return false;
  }
}

struct Transition {
  const char *what;
  std::function<void(Site &, Held &)> prepare;
  std::function<Result<Put>(Site &, Held &)> act;
};

Result<Put> as_put(Result<Removal> removal) {
  if (!removal) return removal.error();
  if (std::holds_alternative<Done>(*removal)) return Put{Landed{}};
  if (auto *refused = std::get_if<Refused>(&*removal)) return Put{std::move(*refused)};
  return Put{std::get<Unknown>(std::move(*removal))};
}

void create(Site &site, Held &held) { REQUIRE(landed(site.create(held, "held"))); }
void create_dead(Site &site, Held &held) {
  create(site, held);
  held.tenure.reset();
}

const Transition transitions[] = {
    {"create", [](Site &, Held &) {}, [](Site &site, Held &held) { return site.create(held, "new"); }},
    {"take over", create_dead,
     [](Site &site, Held &held) { return site.put(held, "new", held.version, Step::begin); }},
    {"renew", create, [](Site &site, Held &held) { return site.keep(held, "new"); }},
    {"end", create, [](Site &site, Held &held) { return site.end(held, "new"); }},
    {"remove", create, [](Site &site, Held &held) { return as_put(site.remove(held)); }},
    {"look", create,
     [](Site &site, Held &) -> Result<Put> {
       auto look = site.place.store->get(site.place.key, Reading::hint, soon());
       if (!look) return look.error();
       return Put{Refused{std::move(*look)}};
     }},
    {"exact look", create,
     [](Site &site, Held &) -> Result<Put> {
       auto look = site.place.store->get(site.place.key, Reading::exact, soon());
       if (!look) return look.error();
       return Put{Refused{std::move(*look)}};
     }},
};

// A robbed holder lives on beside the thief.
const Transition steal = {
    "steal", create, [](Site &site, Held &robbed) {
      Held thief;
      auto put = site.put(thief, "new", robbed.version, Step::seize);
      if (landed(put) || (put && std::holds_alternative<Unknown>(*put))) robbed = std::move(thief);
      return put;
    }};

// Runs it with the n-th call failing; false once there are fewer calls.
bool fails_at(const std::string &base, const LocalSettings &settings, const Transition &transition, int nth, int error_number) {
  Site site(base, settings);
  REQUIRE(site.place.store->guarantee(soon()));
  {
    Held held;
    transition.prepare(site, held);
    const std::size_t before = open_descriptors() - (held.tenure ? 1 : 0);
    std::string failed;
    {
      const OsCalls calls([&](std::string_view call) {
        if (call == "close") return 0;  // Linux closes always
        if (--nth != 0) return 0;
        failed = call;
        return error_number;
      });
      auto put = transition.act(site, held);
      CAPTURE(transition.what);
      CAPTURE(failed);
      if (!put) CHECK_MESSAGE(typed(put.error()), put.error().message);
    }
    if (failed.empty()) return false;
    CAPTURE(transition.what);
    CAPTURE(failed);
    CAPTURE(error_number);
    // At most the holder's own descriptor.
    CHECK(open_descriptors() <= before + 1);
    for (const std::string &name : site.folder.names()) {
      // A cleaning that failed may leave what the next one removes.
      const bool left = local::is_temporary(name) && failed == "unlinkat";
      CHECK_MESSAGE((name == site.place.key || left), name);
    }
    held.tenure.reset();
    CHECK(open_descriptors() == before);
  }
  // All have gone: whoever comes next gets it.
  Held next;
  CHECK(landed(site.acquire(next, "next")));
  CHECK(landed(site.keep(next, "next 2")));
  CHECK(done(site.remove(next)));
  return true;
}

void all_fail(const LocalSettings &settings) {
  int runs = 0;
  for (const int error_number : {EIO, ENOSPC, EACCES, EMFILE, ENOMEM}) {
    for (const Transition &transition : transitions)
      for (int nth = 1; fails_at(bases().back(), settings, transition, nth, error_number); ++nth) ++runs;
    for (int nth = 1; fails_at(bases().back(), settings, steal, nth, error_number); ++nth) ++runs;
  }
  CHECK(runs > 200);
}

}  // namespace

TEST_CASE("F22: the n-th system call fails") { all_fail({}); }

TEST_CASE("F22: the n-th system call fails in durable mode") {
  LocalSettings settings;
  settings.durable = true;
  all_fail(settings);
}

TEST_CASE("errno becomes a status (BACKENDS §6)") {
  struct Row {
    const char *call;
    int error_number;
    Status status;
  };
  for (const Row row : {Row{"openat", EACCES, Status::PERMISSION_DENIED}, Row{"openat", EROFS, Status::PERMISSION_DENIED},
                        Row{"openat", EPERM, Status::PERMISSION_DENIED}, Row{"openat", ELOOP, Status::UNSAFE_PATH},
                        Row{"openat", EMFILE, Status::UNAVAILABLE}, Row{"openat", ENFILE, Status::UNAVAILABLE},
                        Row{"openat", EIO, Status::UNAVAILABLE}, Row{"openat", ESTALE, Status::UNAVAILABLE},
                        Row{"openat", ENOSPC, Status::NO_SPACE}, Row{"openat", EDQUOT, Status::NO_SPACE},
                        Row{"pread", EIO, Status::UNAVAILABLE}, Row{"lock", ENOLCK, Status::UNSUPPORTED},
                        Row{"lock", EACCES, Status::PERMISSION_DENIED}}) {
    CAPTURE(row.call);
    CAPTURE(row.error_number);
    Site site(bases()[0]);
    Held held;
    create(site, held);
    const OsCalls calls(fail_at(row.call, 1, row.error_number));
    auto look = site.place.store->get(site.place.key, Reading::hint, soon());
    REQUIRE_FALSE(look);
    CHECK(look.error().status == row.status);
    CHECK(look.error().message.find(site.path()) != std::string::npos);
    REQUIRE(look.error().details.size() <= 1);
    if (!look.error().details.empty()) CHECK(look.error().details[0].second == std::to_string(row.error_number));
  }
}
