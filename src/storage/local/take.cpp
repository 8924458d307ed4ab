// put if version, by a new holder: in place where nobody lives, else another inode under the same name; and removal by
// who has no proof of life.
#include "base/clock.hpp"
#include "storage/local/draft.hpp"
#include "storage/local/guard.hpp"
#include "storage/local/record.hpp"
#include "storage/local/store.hpp"

namespace vfslock::impl::local {
namespace {

using Elsewhere = std::optional<Refused>;

Result<Elsewhere> looked_at(const Directory &directory, const std::string &key) {
  auto found = look(directory, key);
  if (!found) return found.error();
  return Elsewhere{Refused{std::move(*found)}};
}

// What was read under the guard; not asking by a lock, which would look like a holder.
Result<Elsewhere> refused(const Directory &directory, const std::string &key, Seen found, const LockFile &file) {
  if (auto life = ask_life(directory, key, file, found); !life) return life.error();
  return Elsewhere{Refused{Look{std::move(found)}}};
}

Result<Put> as_put(Result<Elsewhere> elsewhere) {
  if (!elsewhere) return elsewhere.error();
  return Put{std::move(**elsewhere)};
}

}  // namespace

Result<Put> LocalStore::take(const std::string &key, const Write &write, const Version &version, Step step,
                             TenurePtr &tenure, const Call &call) {
  auto holder = std::make_unique<LocalTenure>(directory_, key);
  LockFile &file = holder->life;
  struct stat st {};
  Seen there;
  auto elsewhere = reach(key, version, file, st, there, call);
  if (!elsewhere) return elsewhere.error();
  if (*elsewhere) return Put{std::move(**elsewhere)};

  // Only now byte 0 decides: at the look it may have belonged to somebody who has gone since (RELIABILITY §4.3).
  const int life = file.lock(Range::life);
  if (life != 0 && life != EAGAIN) return os_error("lock", directory().where(key), life);
  if (life != 0 && step == Step::begin) return as_put(refused(directory(), key, std::move(there), file));

  const bool as_it_should_be = (st.st_mode & 07777) == directory().file_mode() && there.bytes.size() <= longest_record;
  if (life != 0 || !as_it_should_be) return steal(key, write, file, tenure, call);

  // What a thief left that died while it robbed the dead one before us. A released record has none: its late release
  // removed it, or the lease was not over.
  if (step == Step::begin) os.unlinkat(directory().fd(), temporary_of(file.id().inode).c_str(), 0);
  Writer writer;
  holder->began = boot_now();
  auto written = write_in_place(directory(), key, writer, file, write.bytes(store_time_us()), there.bytes);
  if (!written) return written.error();
  file.unlock(Range::guard);
  file.raise();
  tenure = std::move(holder);
  if (auto *landed = std::get_if<Landed>(&*written)) return Put{std::move(*landed)};
  return Put{std::get<Unknown>(std::move(*written))};
}

// Opens the record and takes its guard; where it is `version` no more: what stands there instead.
Result<std::optional<Refused>> LocalStore::reach(const std::string &key, const Version &version, LockFile &file,
                                                 struct stat &st, Seen &there, const Call &call) {
  // For writing from the start: overlayfs gives the file another inode when it is first opened so.
  const int error_number = file.open(directory().fd(), key.c_str(), O_RDWR | safely);
  if (error_number == ENOENT || error_number == EISDIR || error_number == ELOOP) return looked_at(directory(), key);
  if (error_number != 0) return os_error("open", directory().where(key), error_number);
  if (const int e = file.identify(st)) return os_error("look at", directory().where(key), e);
  auto shape = judge(directory(), key, st);
  if (!shape) return shape.error();
  if (*shape != Shape::record) return looked_at(directory(), key);

  if (auto guarded = take_guard(directory(), key, file, F_WRLCK, call, Recheck::no); !guarded) return guarded.error();
  auto found = recheck(directory(), key, file);
  if (!found) return found.error();
  if (!*found) return looked_at(directory(), key);
  there = std::move(**found);
  if (there.version != version) return refused(directory(), key, std::move(there), file);
  if (auto timely = in_time(directory(), key, call); !timely) return timely.error();
  return std::optional<Refused>();
}

// By who holds without a proof of life (detached): nobody may have one.
Result<Removal> LocalStore::remove_unproven(const std::string &key, const Version &version, const Call &call) {
  LocalTenure holder(directory_, key);
  struct stat st {};
  Seen there;
  auto elsewhere = reach(key, version, holder.life, st, there, call);
  if (!elsewhere) return elsewhere.error();
  if (*elsewhere) return Removal{std::move(**elsewhere)};
  const int life = holder.life.lock(Range::life);
  if (life == EAGAIN) return Error{Status::LOST, "somebody else holds " + shown(directory().where(key))};
  if (life != 0) return os_error("lock", directory().where(key), life);
  auto removed = remove_guarded(key, version, holder, call);
  holder.end();
  return removed;
}

// Under the guard of the robbed inode, which the caller holds: so nobody else can land between the clock and the name.
Result<Put> LocalStore::steal(const std::string &key, const Write &write, const LockFile &robbed, TenurePtr &tenure,
                              const Call &call) {
  auto holder = std::make_unique<LocalTenure>(directory_, key);
  const std::string temporary = temporary_of(robbed.id().inode);
  for (int round = 0;; ++round) {
    Draft draft(directory(), holder->life);
    // Its guard too: after the rename nobody may rob it before this thief has seen that its rename landed.
    if (auto made = draft.open(temporary); !made) return made.error();
    Writer writer;
    std::string bytes = write.bytes(store_time_us());
    if (auto fits = check_length(bytes); !fits) return fits.error();
    if (const ssize_t written = writer.write(holder->life.fd(), bytes); written != static_cast<ssize_t>(bytes.size()))
      return os_error("write", directory().where(key), written < 0 ? errno : ENOSPC);
    if (directory().durable() && os.fsync(holder->life.fd()) < 0)
      return os_error("write to the disk", directory().where(key), errno);

    const int linked = draft.link_temporary(temporary);
    if (linked == ENOENT && round == 0) {  // no /proc: once more, with a name from the start
      directory().only_named() = true;
      holder->life.close();
      continue;
    }
    if (linked != 0) return os_error("create a file in", directory().path(), linked);
    holder->began = boot_now();
    if (auto timely = in_time(directory(), key, call); !timely) return timely.error();
    const int renamed = draft.replace(key);
    if (!directory().names(key, holder->life.id())) {
      if (renamed != 0) return os_error("replace", directory().where(key), renamed);
      return as_put(looked_at(directory(), key));  // nothing was won
    }
    holder->life.unlock(Range::guard);
    holder->life.raise();
    Landed landed{version_of(holder->life.id(), bytes), std::move(bytes)};
    tenure = std::move(holder);
    if (auto synced = directory().sync(); !synced) return Put{Unknown{std::move(synced.error())}};
    return Put{std::move(landed)};
  }
}

}  // namespace vfslock::impl::local
