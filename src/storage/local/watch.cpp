// One inotify instance serves the process (a user has 128), so one watch may serve many waiters: it goes with the last
// of them. A leader among the waiters sleeps on the instance as well as on its own event, and hands news over; the
// others sleep on their events alone. Spurious wake-ups are fine, lost ones are what to look for here.
#include "storage/local/watch.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fork.hpp"
#include "storage/local/record.hpp"

namespace vfslock::impl::local {
namespace {

// Unlinked, replaced: ATTRIB. Written in place: MODIFY. The holder died: CLOSE_WRITE.
constexpr std::uint32_t interesting = IN_ATTRIB | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVE_SELF;

// A dead holder's lock goes some 25 µs after its descriptor's close is announced.
constexpr Duration looks_after_close[] = {std::chrono::microseconds(30), std::chrono::microseconds(100),
                                          std::chrono::microseconds(300)};

class Waiter;

struct Hub {
  std::mutex mutex;  // all of it, and the waiters' fields
  Descriptor inotify;
  FileId inotify_id;
  std::unordered_map<int, std::vector<Waiter *>> watches;
  std::vector<Waiter *> waiters;
  Waiter *leader = nullptr;

  bool start();
  void read_news(const Waiter *reader);
};

// A child's own waits start with a hub of its own: the parent's may be in any state, and its descriptors are closed.
std::atomic<Hub *> current_hub{nullptr};
const bool hub_hook = [] {
  on_fork(nullptr, nullptr, []() noexcept { current_hub.store(nullptr, std::memory_order_release); });
  return true;
}();

Hub &hub() {
  Hub *at = current_hub.load(std::memory_order_acquire);
  if (!at) {
    Hub *made = new Hub;  // leaked: waits may end while static objects are destroyed
    if (current_hub.compare_exchange_strong(at, made, std::memory_order_acq_rel)) return *made;
    delete made;
  }
  return *at;
}

class Waiter final : public Wakeup {
 public:
  explicit Waiter(Hub &hub) : hub_(hub), generation_(fork_generation()) {}
  ~Waiter() override;

  bool start();
  bool works();  // as the last drain() found it
  bool attach(const Directory &directory, const std::string &key);
  bool is_on(const Directory &directory, const std::string &key) const {
    return watch_ >= 0 && directory.names(key, record_.id());
  }

  std::size_t descriptors(int (&fds)[2]) override;
  void drain() override;
  std::optional<Duration> look_again() override;

  // Under the hub's mutex:
  void tell(std::uint32_t what, bool wake);
  bool is_asleep() const { return asleep_; }
  void detach();

 private:
  // In a child that goes on with its parent's wait: the hub may be in any state, and its mutex held for ever.
  bool is_parents() const { return generation_ != fork_generation(); }

  Hub &hub_;
  const std::uint64_t generation_;
  Descriptor event_;
  FileId event_id_;
  LockFile record_;  // open for reading while it is watched, so that the inode and its number stay
  int watch_ = -1;
  bool asleep_ = false;
  std::size_t next_look_ = std::size(looks_after_close);
};

// A number that is another's by now is not touched again.
bool is_ours(Descriptor &descriptor, const FileId &id) {
  if (is_still(descriptor.fd(), id)) return true;
  if (is_anothers(descriptor.fd(), id)) descriptor.forget();
  return false;
}

// 0, or errno: what cannot be looked at now, nobody could tell later whose it is.
template <class Make>
int open_known(Descriptor &descriptor, FileId &id, Make make) {
  if (const int error_number = descriptor.open(make)) return error_number;
  descriptor.raise();
  id = id_of(descriptor.fd());
  if (id != FileId{}) return 0;
  descriptor.close();
  return EBADF;
}

bool Hub::start() {
  if (is_ours(inotify, inotify_id)) return true;
  if (inotify.is_open()) return false;  // that could not be asked
  for (Waiter *waiter : waiters) waiter->detach();  // from the instance before, which the program closed
  return open_known(inotify, inotify_id, [] { return os.inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }) == 0;
}

// The whole queue: the reader looks only after this, so what it does not read now is newer than its look.
void Hub::read_news(const Waiter *reader) {
  alignas(inotify_event) char buffer[4096];
  for (;;) {
    const ssize_t got = os.read(inotify.fd(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    for (ssize_t at = 0; at < got;) {
      const auto *event = reinterpret_cast<const inotify_event *>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->mask & IN_Q_OVERFLOW) {
        for (Waiter *waiter : waiters) waiter->tell(IN_CLOSE_WRITE, waiter != reader);
        continue;
      }
      const auto watch = watches.find(event->wd);
      if (watch == watches.end() || (event->mask & interesting) == 0) continue;  // IN_IGNORED is no news
      for (Waiter *waiter : watch->second) waiter->tell(event->mask, waiter != reader);
    }
  }
}

void Waiter::tell(std::uint32_t what, bool wake) {
  if (what & IN_CLOSE_WRITE) next_look_ = 0;
  if (wake && is_ours(event_, event_id_)) eventfd_write(event_.fd(), 1);
}

bool Waiter::start() {
  if (open_known(event_, event_id_, [] { return os.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }) != 0) return false;
  const std::lock_guard hold(hub_.mutex);
  if (!hub_.start()) return false;
  hub_.waiters.push_back(this);
  return true;
}

bool Waiter::works() {
  if (is_parents()) return false;
  const std::lock_guard hold(hub_.mutex);
  return event_.is_open() && hub_.inotify.is_open();
}

Waiter::~Waiter() {
  if (is_parents()) return;
  const std::lock_guard hold(hub_.mutex);
  detach();
  (void)is_ours(event_, event_id_);  // or it is not closed
  hub_.waiters.erase(std::remove(hub_.waiters.begin(), hub_.waiters.end(), this), hub_.waiters.end());
  if (hub_.leader != this) return;
  hub_.leader = nullptr;
  for (Waiter *waiter : hub_.waiters) {
    if (!waiter->is_asleep()) continue;
    hub_.leader = waiter;  // wakes, and sleeps again on the instance too
    waiter->tell(0, true);
    return;
  }
}

// The watch goes with its last waiter. (Uncounted, the first to leave would take the others' news along.)
void Waiter::detach() {
  if (watch_ >= 0) {
    auto &sharers = hub_.watches[watch_];
    sharers.erase(std::remove(sharers.begin(), sharers.end(), this), sharers.end());
    if (sharers.empty()) {
      hub_.watches.erase(watch_);
      if (!is_anothers(hub_.inotify.fd(), hub_.inotify_id)) os.inotify_rm_watch(hub_.inotify.fd(), watch_);
    }
  }
  watch_ = -1;
  if (record_.verify() == EBADF) record_.forget();
  else record_.close();
}

bool Waiter::attach(const Directory &directory, const std::string &key) {
  const std::lock_guard hold(hub_.mutex);
  for (int tries = 0; tries < 4; ++tries) {
    detach();
    struct stat st {};
    if (record_.open(directory.fd(), key.c_str(), O_RDONLY | safely) != 0) return false;
    if (record_.identify(st) != 0) {
      record_.close();  // here and now: nobody could tell later whose it is
      return false;
    }
    if (!S_ISREG(st.st_mode)) return false;
    char path[32];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", record_.fd());
    watch_ = os.inotify_add_watch(hub_.inotify.fd(), path, interesting);
    if (watch_ < 0) {
      if (errno == EBADF || errno == EINVAL) hub_.inotify.forget();  // the program closed it; next time another
      return false;
    }
    hub_.watches[watch_].push_back(this);
    // Replaced between the opening and the watch: its event was missed.
    if (directory.names(key, record_.id())) return true;
  }
  return false;
}

std::size_t Waiter::descriptors(int (&fds)[2]) {
  if (is_parents()) return 0;
  const std::lock_guard hold(hub_.mutex);
  asleep_ = true;
  hub_.read_news(nullptr);  // what came while the leader was awake
  // A leader that is awake may be long in a handler of its caller.
  if (!hub_.leader || !hub_.leader->is_asleep()) hub_.leader = this;
  fds[0] = event_.fd();
  if (hub_.leader != this) return 1;
  fds[1] = hub_.inotify.fd();
  return 2;
}

void Waiter::drain() {
  if (is_parents()) return;
  const std::lock_guard hold(hub_.mutex);
  asleep_ = false;
  if (is_ours(hub_.inotify, hub_.inotify_id)) hub_.read_news(this);
  eventfd_t count = 0;
  if (is_ours(event_, event_id_)) os.read(event_.fd(), &count, sizeof count);
}

std::optional<Duration> Waiter::look_again() {
  if (is_parents()) return std::nullopt;
  const std::lock_guard hold(hub_.mutex);
  if (next_look_ == std::size(looks_after_close)) return std::nullopt;
  return looks_after_close[next_look_++];
}

}  // namespace

void watch(const Directory &directory, const std::string &key, std::unique_ptr<Wakeup> &hint) {
  auto *waiter = dynamic_cast<Waiter *>(hint.get());
  if (!waiter || !waiter->works()) {
    hint.reset();
    auto made = std::make_unique<Waiter>(hub());
    waiter = made.get();
    if (!made->start()) return;
    hint = std::move(made);
  }
  if (!waiter->is_on(directory, key) && !waiter->attach(directory, key)) hint.reset();
}

}  // namespace vfslock::impl::local
