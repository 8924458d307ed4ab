// put if absent: the record has its locks and its content before it has its name.
#include "base/clock.hpp"
#include "storage/local/draft.hpp"
#include "storage/local/guard.hpp"
#include "storage/local/record.hpp"
#include "storage/local/store.hpp"

namespace vfslock::impl::local {
namespace {

constexpr int most_rounds = 4;  // each one lost a race against a create and then found it released again

// The name goes again, unless the record was completed: for errors and exceptions after landing, under our guard.
class Undo {
 public:
  Undo(const Directory &directory, const std::string &key, const LockFile &file)
      : directory_(directory), key_(key), file_(file) {}
  ~Undo() {
    if (armed_) now();
  }
  // Whether nothing of the record is left.
  bool now() {
    armed_ = false;
    if (!directory_.names(key_, file_.id())) return true;
    return os.unlinkat(directory_.fd(), key_.c_str(), 0) == 0;
  }
  void disarm() { armed_ = false; }

 private:
  const Directory &directory_;
  const std::string &key_;
  const LockFile &file_;
  bool armed_ = true;
};

}  // namespace

Result<Put> LocalStore::create(const std::string &key, const Write &write, TenurePtr &tenure, const Call &call) {
  for (int round = 0; round < most_rounds; ++round) {
    auto found = look(directory(), key);
    if (!found) return found.error();
    if (*found) return Put{Refused{std::move(*found)}};

    auto holder = std::make_unique<LocalTenure>(directory_, key);
    Draft draft(directory(), holder->life);
    // Both locks in one call and before the name appears: nobody ever sees this record without its owner.
    if (auto made = draft.open(); !made) return made.error();

    Writer writer;
    std::string bytes = write.bytes(std::nullopt);
    if (auto fits = check_length(bytes); !fits) return fits.error();
    if (const ssize_t written = writer.write(holder->life.fd(), bytes); written != static_cast<ssize_t>(bytes.size()))
      return os_error("write", directory().where(key), written < 0 ? errno : ENOSPC);
    if (directory().durable() && os.fsync(holder->life.fd()) < 0)
      return os_error("write to the disk", directory().where(key), errno);

    holder->began = boot_now();
    if (auto timely = in_time(directory(), key, call); !timely) return timely.error();
    const bool named = draft.is_named();
    auto published = draft.publish(key);
    if (!published) return published.error();
    if (*published == Draft::Published::landed) {
      if (named) remove_dead_drafts(directory());
      return land(key, write, std::move(holder), std::move(bytes), writer, tenure);
    }
    // Somebody else was first; or an empty directory, a released lock of the rename layout, is in the way.
    if (*published == Draft::Published::exists) {
      found = look(directory(), key);
      if (!found) return found.error();
      if (*found) return Put{Refused{std::move(*found)}};
      // Not empty, not a directory, or gone by now: the next look tells.
      if (os.unlinkat(directory().fd(), key.c_str(), AT_REMOVEDIR) < 0 && errno != ENOTEMPTY && errno != EEXIST &&
          errno != ENOTDIR && errno != ENOENT)
        return os_error("remove the empty directory", directory().where(key), errno);
    }
  }
  return Put{Refused{}};
}

// Landed, and our guard is still held: only now the clock is read (RELIABILITY §6), or a grant that was delayed before
// its name appeared would carry a smaller token than those before it.
Result<Put> LocalStore::land(const std::string &key, const Write &write, std::unique_ptr<LocalTenure> holder,
                             std::string before, Writer &writer, TenurePtr &tenure) {
  Undo undo(directory(), key, holder->life);
  auto written = write_in_place(directory(), key, writer, holder->life, write.bytes(store_time_us()), before);
  if (!written && undo.now()) return written.error();
  undo.disarm();
  holder->life.unlock(Range::guard);
  holder->life.raise();
  Put answer = Unknown{};
  if (!written) {
    answer = Unknown{std::move(written.error())};
  } else if (auto *landed = std::get_if<Landed>(&*written)) {
    auto synced = directory().sync();
    answer = synced ? Put{std::move(*landed)} : Put{Unknown{std::move(synced.error())}};
  } else {
    answer = std::get<Unknown>(std::move(*written));
  }
  // Also when nobody knows how it stands there: what may be held must not look dead.
  tenure = std::move(holder);
  return answer;
}

}  // namespace vfslock::impl::local
