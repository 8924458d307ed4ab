// vfslock in C++: the nouns of vfslock.h as objects that end themselves. Header only, C++17; nothing is stored here that the
// C objects do not have, so mixing with vfslock.h is fine.
//
//     vfslock::lock lock = vfslock::acquire("in/data.csv", {.ttl = 30s, .owner_id = "ingest-1"});   // C++20
//     work_on("in/data.csv");
//     lock.release();                      // throws where it could not be given back; the destructor is quiet
//
// What goes wrong is thrown as vfslock::error, or one of its kinds: held (somebody else has it, or the wait ended) and lost.
// Each function that throws has a form that does not: it takes an error_info last, and tells by its result.
#ifndef VFSLOCK_VFSLOCK_HPP
#define VFSLOCK_VFSLOCK_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <vfslock/vfslock.h>

namespace vfslock {

using std::chrono::milliseconds;

inline constexpr milliseconds no_wait{VFSLOCK_NO_WAIT};
inline constexpr milliseconds wait_forever{VFSLOCK_WAIT_FOREVER};
inline constexpr milliseconds own_bound{VFSLOCK_OWN_BOUND};  // the library's own time limit

// An error as a value: what happened, and who holds the lock where somebody does. Copies share the C object.
class error_info {
 public:
  error_info() = default;
  // `owned` may be null. Where there is no memory to keep it, the status and its own sentence stay.
  error_info(vfslock_status status, vfslock_error *owned) noexcept : status_(status) {
    try {
      if (owned) error_.reset(owned, vfslock_error_free);  // frees it where it fails
    } catch (const std::bad_alloc &) {
    }
  }

  explicit operator bool() const noexcept { return status_ != VFSLOCK_OK; }
  vfslock_status status() const noexcept { return status_; }
  const char *message() const noexcept {
    return error_ ? text(vfslock_error_message(error_.get())) : text(vfslock_status_message(status_));
  }
  const char *uri() const noexcept { return text(vfslock_error_uri(error_.get())); }
  bool retryable() const noexcept { return vfslock_error_retryable(error_.get()) != 0; }
  const vfslock_record *record() const noexcept { return vfslock_error_record(error_.get()); }  // nullptr: none was seen
  const char *detail(const char *field) const noexcept { return vfslock_error_detail(error_.get(), field); }

 private:
  static const char *text(const char *text) noexcept { return text ? text : ""; }
  vfslock_status status_ = VFSLOCK_OK;
  std::shared_ptr<vfslock_error> error_;
};

class error : public std::runtime_error {
 public:
  explicit error(error_info info) : std::runtime_error(info.message()), info_(std::move(info)) {}
  const error_info &info() const noexcept { return info_; }
  vfslock_status status() const noexcept { return info_.status(); }

 private:
  error_info info_;
};

// HELD and TIMEOUT. The holder's record lives as long as the exception.
class held : public error {
 public:
  using error::error;
  const vfslock_record *holder() const noexcept { return info().record(); }
};

class lost : public error {
 public:
  using error::error;
};

namespace detail {

[[noreturn]] inline void raise(error_info info) {
  const vfslock_status status = info.status();
  if (status == VFSLOCK_NO_MEMORY) throw std::bad_alloc();
  if (vfslock_status_group(status) == vfslock_status_group(VFSLOCK_HELD)) throw held(std::move(info));
  if (status == VFSLOCK_LOST) throw lost(std::move(info));
  throw error(std::move(info));
}

// Calls with an error output last; false where it failed. `info` tells of this call alone.
template <class Call>
bool attempt(error_info &info, Call call) noexcept {
  vfslock_error *raw = nullptr;
  const vfslock_status status = call(&raw);
  info = error_info(status, raw);
  return status == VFSLOCK_OK;
}

template <auto free_function>
struct deleter {
  template <class T>
  void operator()(T *object) const noexcept {
    free_function(object);
  }
};

}  // namespace detail

// How to lock. What is not set is as in vfslock_options_new().
struct options {
  std::optional<milliseconds> ttl = {};  // 0: no time ends it
  std::string owner_id = {};
  milliseconds wait = no_wait;           // acquire() only
  bool renewal = true;
  bool keep_record = false;
  std::optional<std::int32_t> require = {};  // VFSLOCK_GUARANTEE_…
  std::string steal = {};                    // "lease", "dead", "never"
  std::vector<std::pair<std::string, std::string>> attributes = {};
};

// One tenure. Move-only. The destructor gives the lock back quietly, within two seconds.
class lock {
 public:
  lock() = default;
  explicit lock(vfslock_lock *owned) noexcept : lock_(owned) {}

  explicit operator bool() const noexcept { return lock_ != nullptr; }
  bool is_held() const noexcept { return vfslock_lock_is_held(lock_.get()) != 0; }
  std::int32_t state() const noexcept { return vfslock_lock_state(lock_.get()); }
  std::int64_t token() const noexcept { return vfslock_lock_token(lock_.get()); }
  bool token_is_strict() const noexcept { return vfslock_lock_token_is_strict(lock_.get()) != 0; }
  std::string id() const { return text(vfslock_lock_id(lock_.get())); }
  std::string uri() const { return text(vfslock_lock_uri(lock_.get())); }
  std::int32_t guarantee() const noexcept { return vfslock_lock_guarantee(lock_.get()); }
  // nullopt: no time ends it.
  std::optional<milliseconds> remaining() const noexcept {
    const std::int64_t left = vfslock_lock_remaining_ms(lock_.get());
    return left < 0 ? std::nullopt : std::optional(milliseconds(left));
  }

  // The time left.
  milliseconds renew(milliseconds timeout = own_bound) {
    return must([&](error_info &info) { return renew(timeout, info); });
  }
  milliseconds renew(milliseconds timeout, error_info &info) noexcept {
    return ask(info, [&](std::int64_t *left, vfslock_error **err) {
      return vfslock_lock_renew(lock_.get(), VFSLOCK_TTL_SAME, timeout.count(), nullptr, left, err);
    });
  }

  // Reads the record: the time left, or what ended the tenure.
  milliseconds check(milliseconds timeout = own_bound) {
    return must([&](error_info &info) { return check(timeout, info); });
  }
  milliseconds check(milliseconds timeout, error_info &info) noexcept {
    return ask(info, [&](std::int64_t *left, vfslock_error **err) {
      return vfslock_lock_check(lock_.get(), timeout.count(), nullptr, left, err);
    });
  }

  // Gives the lock back and says how that went. After UNAVAILABLE it may be repeated.
  void release(milliseconds timeout = own_bound) {
    error_info info;
    if (!release(timeout, info)) detail::raise(std::move(info));
  }
  bool release(milliseconds timeout, error_info &info) noexcept {
    const bool done = detail::attempt(info, [&](vfslock_error **err) {
      return vfslock_lock_release(lock_.get(), timeout.count(), nullptr, err);
    });
    if (done) lock_.reset();
    return done;
  }

  vfslock_lock *get() const noexcept { return lock_.get(); }  // for vfslock.h; stays owned here

 private:
  struct close {
    void operator()(vfslock_lock *lock) const noexcept { vfslock_lock_close(lock, 2000); }
  };
  static std::string text(const char *text) { return text ? text : ""; }
  template <class Call>
  static milliseconds ask(error_info &info, Call call) noexcept {
    std::int64_t left = 0;
    detail::attempt(info, [&](vfslock_error **err) { return call(&left, err); });
    return milliseconds(left);
  }
  template <class Quiet>
  static milliseconds must(Quiet quiet) {
    error_info info;
    const milliseconds left = quiet(info);
    if (info) detail::raise(std::move(info));
    return left;
  }
  std::unique_ptr<vfslock_lock, close> lock_;
};

// Does not throw; an empty lock and `info` where it was not had. Waits as wish.wait says.
inline lock acquire(const std::string &uri, const options &wish, error_info &info, vfslock_client *client = nullptr) noexcept {
  vfslock_options *raw = nullptr;
  if (!detail::attempt(info, [&](vfslock_error **err) { return vfslock_options_new(&raw, err); })) return {};
  const std::unique_ptr<vfslock_options, detail::deleter<vfslock_options_free>> made(raw);
  // A setter that fails spoils its options, and vfslock_acquire() reports it.
  if (wish.ttl) vfslock_options_set_ttl_ms(raw, wish.ttl->count(), nullptr);
  if (!wish.owner_id.empty()) vfslock_options_set_owner_id(raw, wish.owner_id.c_str(), nullptr);
  vfslock_options_set_renewal(raw, wish.renewal ? 1 : 0, nullptr);
  vfslock_options_set_keep_record(raw, wish.keep_record ? 1 : 0, nullptr);
  if (wish.require) vfslock_options_set_require(raw, *wish.require, nullptr);
  if (!wish.steal.empty()) vfslock_options_set(raw, "steal", wish.steal.c_str(), nullptr);
  for (const auto &[name, value] : wish.attributes)
    vfslock_options_set_attribute(raw, name.c_str(), value.c_str(), nullptr);
  vfslock_lock *got = nullptr;
  detail::attempt(info, [&](vfslock_error **err) {
    return vfslock_acquire(client, uri.c_str(), raw, wish.wait.count(), nullptr, &got, err);
  });
  return lock(got);
}

// Throws held where somebody else has it when the wait (none unless asked for) is over.
inline lock acquire(const std::string &uri, const options &wish = {}, vfslock_client *client = nullptr) {
  error_info info;
  lock got = acquire(uri, wish, info, client);
  if (!got) detail::raise(std::move(info));
  return got;
}

// nullopt where somebody else has it; throws for everything else. Does not wait.
inline std::optional<lock> try_acquire(const std::string &uri, options wish = {}, vfslock_client *client = nullptr) {
  wish.wait = no_wait;
  error_info info;
  lock got = acquire(uri, wish, info, client);
  if (got) return got;
  if (vfslock_status_group(info.status()) == vfslock_status_group(VFSLOCK_HELD)) return std::nullopt;
  detail::raise(std::move(info));
}

// A lock as the standard's templates want one: std::lock_guard, std::unique_lock, std::scoped_lock. Not for several threads
// at once; not recursive.
class mutex {
 public:
  explicit mutex(std::string uri, options wish = {}) : uri_(std::move(uri)), wish_(std::move(wish)) {}

  void lock() {
    options patient = wish_;
    patient.wait = wait_forever;
    lock_ = acquire(uri_, patient);
  }
  bool try_lock() {
    auto got = try_acquire(uri_, wish_);
    if (got) lock_ = std::move(*got);
    return got.has_value();
  }
  void unlock() { lock_ = {}; }
  const vfslock::lock &held_lock() const noexcept { return lock_; }

 private:
  std::string uri_;
  options wish_;
  vfslock::lock lock_;
};

}  // namespace vfslock

#endif
