// The form without exceptions, in a program that has none: compiled by -fno-exceptions. Ends with the line that failed.
#include <vfslock/vfslock.hpp>

#define MUST(what) \
  if (!(what)) return __LINE__ % 250 + 1

int main() {
  const std::string uri = "mem://cpp-quiet/a";
  vfslock::error_info info;
  vfslock::client client(info);
  MUST(!info && client);
  MUST(!client.set("nonsense", "1", info) && info.status() == VFSLOCK_INVALID_ARGUMENT);
  vfslock::options wish;
  wish.detached = true;
  vfslock::lock lock = vfslock::acquire(uri, wish, info, client);
  MUST(lock && !info);
  MUST(lock.record(info) && !info);
  bool waited = false;
  vfslock::options other;
  other.wait = vfslock::wait_forever;
  other.on_waiting = [&](const vfslock::event &) { return waited = true, 1; };
  MUST(!vfslock::acquire(uri, other, info, client) && info.status() == VFSLOCK_CANCELLED && waited && !info.thrown());
  const std::string id = lock.id();
  lock.close();
  lock = vfslock::resume(uri, id, {}, info, client);
  MUST(lock.renew(vfslock::own_bound, info).count() > 0 && lock.check(vfslock::own_bound, info).count() > 0);
  vfslock::list locks("mem://cpp-quiet", info, client);
  MUST(locks.next(vfslock::own_bound, info) && !locks.next(vfslock::own_bound, info) && !info);
  MUST(!vfslock::with_lock(uri, {}, [](vfslock::lock_ref) { return 0; }, info, client) && info.status() == VFSLOCK_HELD);
  MUST(lock.release(vfslock::own_bound, info) && !info);
  MUST(!vfslock::with_lock(uri, {}, [](vfslock::lock_ref) { return 3; }, info, client) && info.callback_value() == 3);
  MUST(vfslock::inspect(uri, info, client).state() == VFSLOCK_REPORT_FREE);
  return 0;
}
