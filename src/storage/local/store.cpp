#include "storage/local/store.hpp"

#include "base/clock.hpp"
#include "storage/local/draft.hpp"
#include "storage/local/errors.hpp"
#include "storage/local/local.hpp"
#include "storage/local/path.hpp"
#include "storage/local/record.hpp"
#include "storage/local/watch.hpp"
#include "storage/page.hpp"

namespace vfslock::impl {

Result<Place> open_local(const Location &location, std::string_view lock_name_pattern, const LocalSettings &settings) {
  using namespace local;
  if (settings.layout == LocalLayout::rename)
    return Error{Status::UNSUPPORTED, "file.layout is rename, which this version of vfslock does not have: set it to auto "
                                      "if the disk is this host's alone"};
  auto target = find_target(location.path, lock_name_pattern);
  if (!target) return target.error();

  const auto directory = std::make_shared<Directory>(std::move(target->directory), settings);
  if (auto fine = directory->open(); !fine) return fine.error();
  return Place{std::make_shared<LocalStore>(directory), std::move(target->key)};
}

namespace local {
Result<Guarantee> LocalStore::guarantee(const Call &) {
  Guarantee out;
  out.level = Level::exact;
  out.how = std::string("open-file-description locks on ") + directory().file_system();
  out.conditional_remove = true;
  out.shared_clock = true;
  out.strict_tokens = true;
  out.min_ttl = std::chrono::milliseconds(1);
  out.max_object = longest_record;
  if (auto proven = directory().prove(); !proven) {
    if (proven.error().status == Status::UNSUPPORTED) return proven.error();
    // Who only looks can still be told; who wants to write is refused by the write itself.
    out.how += " (not tried: " + proven.error().message + ")";
  }
  return out;
}

Result<Look> LocalStore::get(const std::string &key, Reading reading, const Call &call) {
  if (auto name = check_key(key); !name) return name.error();
  return reading == Reading::hint ? look(directory(), key) : look_exactly(directory(), key, call);
}

Result<Put> LocalStore::put(const std::string &key, const Write &write, const Condition &condition, Step step,
                            TenurePtr &tenure, const Call &call) {
  if (auto name = check_key(key); !name) return name.error();
  const Version *version = std::get_if<Version>(&condition);
  // A released record put by somebody who is not the holder needs a life for no longer than the write.
  TenurePtr nobody;
  const bool by_nobody = step == Step::end && !tenure;
  if (!by_nobody && (step == Step::keep || step == Step::end)) {
    if (!version) throw Failure{Error{Status::INTERNAL, "what a holder keeps or ends has a version"}};
    return rewrite(key, write, *version, step, tenure, call);
  }
  if (auto proven = directory().prove(); !proven) return proven.error();
  TenurePtr &begun = by_nobody ? nobody : tenure;
  if (!version) return create(key, write, begun, call);
  return take(key, write, *version, by_nobody ? Step::seize : step, begun, call);
}

void LocalStore::arm(const std::string &key, std::unique_ptr<Wakeup> &hint) {
  if (check_key(key)) {
    directory_->open_if_lost();
    watch(directory(), key, hint);
  } else {
    hint.reset();
  }
}

Result<Page> LocalStore::list(const std::string &prefix, const std::string &from, std::size_t most, const Call &) {
  const auto entries = directory().entries(".");
  if (!entries) return os_error("list", directory().path(), errno);
  SortedPage page(prefix, from, most);
  for (;;) {
    errno = 0;
    const dirent *entry = readdir(entries.get());
    if (!entry && errno != 0) return os_error("list", directory().path(), errno);
    if (!entry) return page.take();
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !is_temporary(name)) page.offer(name);
  }
}

std::string LocalStore::identity(const std::string &key) const {
  return std::to_string(directory().id().device) + ":" + std::to_string(directory().id().inode) + "/" + key;
}

}  // namespace local
}  // namespace vfslock::impl
