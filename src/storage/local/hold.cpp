// The holder's own transitions: renew, release by a released record, release by removal.
#include "base/clock.hpp"
#include "storage/local/draft.hpp"
#include "storage/local/guard.hpp"
#include "storage/local/path.hpp"
#include "storage/local/record.hpp"
#include "storage/local/store.hpp"

namespace vfslock::impl::local {
namespace {

// No lease is shorter (Guarantee::min_ttl), so no thief was here if the tenure is younger.
constexpr Duration shortest_lease = std::chrono::milliseconds(1);

// LOST without one: whoever has no proof of life keeps and ends nothing.
Result<LocalTenure *> held(const Directory &directory, const std::string &key, const TenurePtr &tenure) {
  auto *holder = dynamic_cast<LocalTenure *>(tenure.get());
  if (holder) return holder;
  return Error{Status::LOST, "nothing proves here that this process holds " + shown(directory.where(key))};
}

// Unlocks explicitly on every way out: closing alone would leave the guard to a child's copy.
class Guarded {
 public:
  explicit Guarded(LockFile &file) : file_(file) {}
  ~Guarded() {
    if (file_.is_open() && file_.holds(Range::guard)) file_.unlock(Range::guard);
  }

 private:
  LockFile &file_;
};

// Our record is not there: what is instead, read so that it is no mix, since the holder decides by it what became of
// its write. LOST for who names the version that stands there and is not its holder.
template <class Answer>
Result<Answer> refuse(const Directory &directory, const std::string &key, const Version &version, const Call &call) {
  auto found = look_exactly(directory, key, call);
  if (!found) return Answer{Refused{}};
  if (*found && (*found)->version == version)
    return Error{Status::LOST, "another holder's record stands at " + shown(directory.where(key))};
  return Answer{Refused{std::move(*found)}};
}

// One transition of the holder, act(holder), under its guard. Where it `ends` the tenure and was applied, byte 0 goes
// before the guard does: who gets the guard next finds nobody living here. Where it failed or nobody knows, the proof of
// life goes all the same, since the holder has stopped believing; another's record in its place leaves it to the caller.
template <class Applied, class Answer, class Act>
Result<Answer> transition(const Directory &directory, const std::string &key, bool ends, TenurePtr &tenure,
                          const Call &call, Act act) {
  auto mine = held(directory, key, tenure);
  if (!mine) return mine.error();
  LocalTenure &holder = **mine;
  std::unique_lock busy(holder.busy, std::defer_lock);
  if (!holder.life.forked()) busy.lock();
  if (auto ours = holder.check(); !ours) return ours.error();
  if (auto timely = in_time(directory, key, call); !timely) return timely.error();  // not begun: nothing goes
  if (!ends && !holder.life.holds(Range::life))
    return Error{Status::LOST, "the lock of " + shown(directory.where(key)) + " was let go: its release was begun"};

  bool applied = false;
  auto answer = [&]() -> Result<Answer> {
    if (auto guarded = take_guard(directory, key, holder.guard(), F_WRLCK, call, Recheck::descriptor); !guarded)
      return guarded.error();
    const Guarded guard(holder.guard());
    // A thief may have died while it robbed us: what is named after our inode is ours to remove, while it has that number.
    if (ends && boot_now() - holder.began >= shortest_lease)
      os.unlinkat(directory.fd(), temporary_of(holder.life.id().inode).c_str(), 0);
    auto result = act(holder);
    applied = result && std::holds_alternative<Applied>(*result);
    if (ends && applied) holder.end();
    return result;
  }();
  if (!ends) return answer;
  if (applied) {
    busy.unlock();
    tenure.reset();
  } else if (answer ? std::holds_alternative<Unknown>(*answer) : answer.error().status != Status::LOST) {
    holder.let_go();
  }
  return answer;
}

}  // namespace

Result<Put> LocalStore::rewrite(const std::string &key, const Write &write, const Version &version, Step step,
                                TenurePtr &tenure, const Call &call) {
  return transition<Landed, Put>(directory(), key, step == Step::end, tenure, call, [&](LocalTenure &holder) {
    return rewrite_guarded(key, write, version, holder, call);
  });
}

Result<Put> LocalStore::rewrite_guarded(const std::string &key, const Write &write, const Version &version,
                                        LocalTenure &holder, const Call &call) {
  auto found = recheck(directory(), key, holder.life);
  if (!found) return found.error();
  if (!*found) return refuse<Put>(directory(), key, version, call);
  if ((*found)->version != version) {
    (*found)->life = holder.life.holds(Range::life) ? Life::alive : Life::dead;
    return Put{Refused{std::move(*found)}};
  }
  if (auto timely = in_time(directory(), key, call); !timely) return timely.error();
  Writer writer;
  auto written = write_in_place(directory(), key, writer, holder.life, write.bytes(store_time_us()), (*found)->bytes);
  if (!written) return written.error();
  if (auto *landed = std::get_if<Landed>(&*written)) return Put{std::move(*landed)};
  return Put{std::get<Unknown>(std::move(*written))};
}

Result<Removal> LocalStore::remove(const std::string &key, const Version &version, TenurePtr &tenure,
                                   const Call &call) {
  if (auto name = check_key(key); !name) return name.error();
  if (!tenure) return remove_unproven(key, version, call);
  return transition<Done, Removal>(directory(), key, true, tenure, call, [&](LocalTenure &holder) {
    return remove_guarded(key, version, holder, call);
  });
}

Result<Removal> LocalStore::remove_guarded(const std::string &key, const Version &version, LocalTenure &holder,
                                           const Call &call) {
  auto found = recheck(directory(), key, holder.life);
  if (!found) return found.error();
  if (!*found) return refuse<Removal>(directory(), key, version, call);
  if ((*found)->version != version) {
    (*found)->life = holder.life.holds(Range::life) ? Life::alive : Life::dead;
    return Removal{Refused{std::move(*found)}};
  }
  if (auto timely = in_time(directory(), key, call); !timely) return timely.error();
  if (os.unlinkat(directory().fd(), key.c_str(), 0) < 0) {
    Error error = os_error("remove", directory().where(key), errno);
    if (errno == EIO) return Removal{Unknown{std::move(error)}};
    if (errno != ENOENT) return error;  // ENOENT: what we checked was removed from outside, and is gone as we want it
  }
  if (auto synced = directory().sync(); !synced) return Removal{Unknown{std::move(synced.error())}};
  return Removal{Done{}};
}

}  // namespace vfslock::impl::local
