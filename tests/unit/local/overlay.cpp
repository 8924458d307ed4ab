// Overlayfs: the first writer moves a file of the lower layer to the upper one.
#include <doctest/doctest.h>

#include <poll.h>
#include <sched.h>
#include <sys/mount.h>

#include "support/child.hpp"
#include "support/local_site.hpp"
#include "support/os_calls.hpp"

using namespace vfslock::impl;
using namespace vfslock::impl::test;

namespace {

constexpr int cannot_mount = 77;

// Runs body(path) in a child that sees an overlay at that path, with a record in the lower layer.
int in_overlay(const std::string &base, const std::function<int(const std::string &)> &body) {
  const Folder folder(base);
  for (const char *part : {"lower", "upper", "work", "merged"}) std::filesystem::create_directory(folder.at(part));
  REQUIRE(chmod(folder.at("lower").c_str(), 0700) == 0);
  plant(folder.at("lower/data.lock"), "from the image");
  Child child([&] {
    const std::string options =
        "lowerdir=" + folder.at("lower") + ",upperdir=" + folder.at("upper") + ",workdir=" + folder.at("work");
    const std::string merged = folder.at("merged");
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0)
      return cannot_mount;
    return body(merged);
  });
  return child.wait();
}

}  // namespace

TEST_CASE("overlayfs: every transition, also on a record that lies in the lower layer") {
  for (const std::string &base : bases()) {
    CAPTURE(base);
    const int result = in_overlay(base, [](const std::string &merged) {
      const Place place = open_at(merged + "/data"), again = open_at(merged + "/data");
      auto guarantee = place.store->guarantee(soon());
      if (!guarantee || guarantee->how != "open-file-description locks on overlayfs") return 1;
      const auto look = [&](Reading reading) {
        auto found = again.store->get(again.key, reading, soon());
        return found && *found ? **found : Seen{};
      };
      const Seen lower = look(Reading::hint);
      if (lower.bytes != "from the image" || lower.life != Life::dead) return 2;
      TenurePtr first, second, third;
      // Where the number of the inode changes with the first writer, the first try sees it.
      auto put = place.store->put(place.key, text("first"), lower.version, Step::begin, first, soon());
      if (refused(put)) put = place.store->put(place.key, text("first"), look(Reading::exact).version, Step::begin, first, soon());
      if (!landed(put)) return 3;
      for (const Reading reading : {Reading::hint, Reading::exact}) {
        const Seen now = look(reading);
        if (now.bytes.substr(0, 5) != "first" || now.life != Life::alive || now.version != std::get<Landed>(*put).version) return 4;
      }
      auto kept = place.store->put(place.key, text("first, renewed"), std::get<Landed>(*put).version, Step::keep, first, soon());
      if (!landed(kept)) return 5;
      auto stolen = again.store->put(again.key, text("second"), std::get<Landed>(*kept).version, Step::seize, second, soon());
      if (!landed(stolen)) return 6;
      if (!refused(place.store->put(place.key, text("x"), std::get<Landed>(*kept).version, Step::keep, first, soon()))) return 7;
      std::unique_ptr<Wakeup> hint;
      place.store->arm(place.key, hint);
      if (!hint) return 8;
      hint->drain();
      if (!done(again.store->remove(again.key, std::get<Landed>(*stolen).version, second, soon()))) return 9;
      int fds[2];
      pollfd news{-1, POLLIN, 0};
      hint->descriptors(fds);
      news.fd = fds[0];
      pollfd both[2] = {news, {fds[1], POLLIN, 0}};
      if (poll(both, 2, 60'000) < 1) return 10;
      auto created = place.store->put(place.key, text("third"), IfAbsent{}, Step::begin, third, soon());
      if (!landed(created)) return 11;
      if (!done(place.store->remove(place.key, std::get<Landed>(*created).version, third, soon()))) return 12;
      return std::filesystem::is_empty(merged) ? 0 : 13;
    });
    if (result == cannot_mount) {
      MESSAGE("skipped on " << base << ": an overlay cannot be mounted here (that needs root)");
    } else {
      CHECK(result == 0);
    }
  }
}

TEST_CASE("overlayfs: an exact look that opened the lower file before it moved reads what stands there now") {
  const int result = in_overlay(bases()[0], [](const std::string &merged) {
    const Place place = open_at(merged + "/data");
    auto look = place.store->get(place.key, Reading::hint, soon());
    if (!look || !*look) return 1;
    static TenurePtr tenure;
    static const Place *at;
    static Version version;
    static bool moved;
    at = &place;
    version = (*look)->version;
    // Between the opening and the guard of the exact look, somebody takes the record over.
    local::os.lock = [](int fd, int command, struct flock *range) {
      if (!moved && command == F_OFD_SETLK && range->l_type == F_RDLCK) {
        moved = true;
        auto put = at->store->put(at->key, text("taken over now"), version, Step::begin, tenure, soon());
        if (refused(put))
          (void)at->store->put(at->key, text("taken over now"), (*std::get<Refused>(*put).there)->version, Step::begin, tenure, soon());
      }
      return ::fcntl(fd, command, range);
    };
    auto exact = place.store->get(place.key, Reading::exact, soon());
    local::os = local::real_os;
    if (!exact || !*exact || !tenure) return 2;
    return (*exact)->bytes == "taken over now" ? 0 : 3;
  });
  if (result == cannot_mount) {
    MESSAGE("skipped: an overlay cannot be mounted here (that needs root)");
  } else {
    CHECK(result == 0);
  }
}
