// vfslock in C++: the nouns of vfslock.h as objects that end themselves. Header only, C++17; nothing is stored here
// that the C objects do not have, so mixing with vfslock.h is fine.
//
//     vfslock::lock lock = vfslock::acquire("in/data.csv", {.ttl = 30s, .owner_id = "ingest-1"});   // C++20
//     work_on("in/data.csv");
//     lock.release();                      // throws where it could not be given back; the destructor is quiet
//
// Everything does what the function of vfslock.h with its name does, with the same ranges, errors and threads; only
// what differs is told here. Times are std::chrono::milliseconds. A `vfslock_client *` or `vfslock_cancel *` that is
// passed stays the caller's; client and cancel below become one by themselves, and nullptr is the default client, or no
// cancel. A `const char *` that is returned is borrowed from its object; it is nullptr only where that is said.
//
// What goes wrong is thrown as vfslock::error, or one of its kinds: held (somebody else has it, or the wait ended) and
// lost; no memory as std::bad_alloc. Each function that throws has a form that does not: it takes an error_info after
// what it must be given, and tells by its result. Under -fno-exceptions use that form alone: the other one ends the
// program.
//
// No exception passes through C. What a stale or waiting handler, or the body of with_lock(), throws is kept while the
// library cleans up, and thrown again by the call; error_info::thrown() has it in the other form. What the handlers
// throw that run on a thread of the library (at risk, lost, log, metric) ends the program, as in a std::thread.
#ifndef VFSLOCK_VFSLOCK_HPP
#define VFSLOCK_VFSLOCK_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <vfslock/vfslock.h>

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define VFSLOCK_DETAIL_TRY try
#define VFSLOCK_DETAIL_CATCH(what) catch (what)
#define VFSLOCK_DETAIL_THROW(what) throw what
#else
#define VFSLOCK_DETAIL_TRY if constexpr (true)
#define VFSLOCK_DETAIL_CATCH(what) else
#define VFSLOCK_DETAIL_THROW(what) std::terminate()
#endif

namespace vfslock {

using std::chrono::milliseconds;

inline constexpr milliseconds no_wait{VFSLOCK_NO_WAIT};
inline constexpr milliseconds wait_forever{VFSLOCK_WAIT_FOREVER};
inline constexpr milliseconds own_bound{VFSLOCK_OWN_BOUND};  // the library's own time limit

namespace detail {

inline const char *text(const char *text) noexcept { return text ? text : ""; }

template <auto free_function>
struct deleter {
  template <class T>
  void operator()(T *object) const noexcept {
    free_function(object);
  }
};

// Shares what is owned; null where there is no memory to do so, and then it is freed.
template <auto free_function, class T>
std::shared_ptr<const T> share(T *owned) noexcept {
  VFSLOCK_DETAIL_TRY {
    if (owned) return std::shared_ptr<T>(owned, deleter<free_function>());
  }
  VFSLOCK_DETAIL_CATCH(const std::bad_alloc &) {}
  return nullptr;
}

// A pointer into what `owner` keeps alive; without an owner it is borrowed from somebody else.
template <class T, class Owner = void>
std::shared_ptr<const T> within(const T *part, std::shared_ptr<const Owner> owner = nullptr) noexcept {
  return std::shared_ptr<const T>(std::move(owner), part);
}

}  // namespace detail

class error_info;

// Who holds a lock, or nothing. Never changes. Copies share the C object, and keep the error or report alive that it is
// part of; only what an event gives ends with the event, unless it is copied by dup(). Threads: any.
class record {
 public:
  record() = default;
  explicit record(std::shared_ptr<const vfslock_record> shared) noexcept : record_(std::move(shared)) {}

  operator const vfslock_record *() const noexcept { return record_.get(); }  // nullptr: there is none
  const char *host() const noexcept { return detail::text(vfslock_record_host(record_.get())); }
  const char *owner_id() const noexcept { return detail::text(vfslock_record_owner_id(record_.get())); }
  const char *lock_id() const noexcept { return detail::text(vfslock_record_lock_id(record_.get())); }
  const char *json() const noexcept { return detail::text(vfslock_record_json(record_.get())); }
  std::int64_t pid() const noexcept { return vfslock_record_pid(record_.get()); }
  std::int64_t token() const noexcept { return vfslock_record_token(record_.get()); }
  // Both since 1970 by the holder's clock, which may say anything. nullopt: no time ends it.
  milliseconds created_unix() const noexcept { return milliseconds(vfslock_record_created_unix_ms(record_.get())); }
  std::optional<milliseconds> expires_unix() const noexcept {
    const std::int64_t end = vfslock_record_expires_unix_ms(record_.get());
    return end < 0 ? std::nullopt : std::optional(milliseconds(end));
  }
  // By this host's clock.
  milliseconds age() const noexcept { return milliseconds(vfslock_record_age_ms(record_.get())); }
  // nullptr: it has none of that name.
  const char *attribute(const char *name) const noexcept { return vfslock_record_attribute(record_.get(), name); }
  std::vector<std::pair<std::string, std::string>> attributes() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (std::int32_t i = 0; i < vfslock_record_attribute_count(record_.get()); ++i) {
      const char *name = vfslock_record_attribute_name(record_.get(), i);
      all.emplace_back(name, attribute(name));
    }
    return all;
  }

  // A copy that outlives whatever this one is part of.
  record dup() const;
  record dup(error_info &info) const noexcept;

 private:
  std::shared_ptr<const vfslock_record> record_;
};

// An error as a value: what happened, and who holds the lock where somebody does. Copies share the C object.
class error_info {
 public:
  error_info() = default;
  // `owned` may be null. Where there is no memory to keep it, the status and its own sentence stay.
  error_info(vfslock_status status, vfslock_error *owned) noexcept
      : status_(status), error_(detail::share<vfslock_error_free>(owned)) {}
  // Borrowed from an event, as long as that lives.
  explicit error_info(const vfslock_error *borrowed) noexcept
      : status_(vfslock_error_status(borrowed)), error_(detail::within(borrowed)) {}

  explicit operator bool() const noexcept { return status_ != VFSLOCK_OK; }
  vfslock_status status() const noexcept { return status_; }
  const char *name() const noexcept { return vfslock_status_name(status_); }  // as in "HELD"
  const char *message() const noexcept {
    return detail::text(error_ ? vfslock_error_message(error_.get()) : vfslock_status_message(status_));
  }
  const char *uri() const noexcept { return detail::text(vfslock_error_uri(error_.get())); }
  const char *operation() const noexcept { return detail::text(vfslock_error_operation(error_.get())); }
  bool retryable() const noexcept { return vfslock_error_retryable(error_.get()) != 0; }
  std::int32_t callback_value() const noexcept { return vfslock_error_callback_value(error_.get()); }
  // nullptr: this error does not have it.
  const char *detail(const char *field) const noexcept { return vfslock_error_detail(error_.get(), field); }
  vfslock::record record() const noexcept {  // an empty one: none was seen
    return vfslock::record(vfslock::detail::within(vfslock_error_record(error_.get()), error_));
  }
  // What a handler or body threw, which is why the call failed; else null.
  const std::exception_ptr &thrown() const noexcept { return thrown_; }
  void set_thrown(std::exception_ptr thrown) noexcept { thrown_ = std::move(thrown); }

 private:
  vfslock_status status_ = VFSLOCK_OK;
  std::shared_ptr<const vfslock_error> error_;
  std::exception_ptr thrown_;
};

class error : public std::runtime_error {
 public:
  explicit error(error_info info) : std::runtime_error(info.message()), info_(std::move(info)) {}
  const error_info &info() const noexcept { return info_; }
  vfslock_status status() const noexcept { return info_.status(); }

 private:
  error_info info_;
};

// HELD and TIMEOUT. The holder's record may be copied to outlive the exception.
class held : public error {
 public:
  using error::error;
  record holder() const noexcept { return info().record(); }
};

class lost : public error {
 public:
  using error::error;
};

namespace detail {

[[noreturn]] inline void raise(error_info info) {
  const vfslock_status status = info.status();
  if (info.thrown()) std::rethrow_exception(info.thrown());
  if (status == VFSLOCK_NO_MEMORY) VFSLOCK_DETAIL_THROW(std::bad_alloc());
  if (vfslock_status_group(status) == vfslock_status_group(VFSLOCK_HELD)) VFSLOCK_DETAIL_THROW(held(std::move(info)));
  if (status == VFSLOCK_LOST) VFSLOCK_DETAIL_THROW(lost(std::move(info)));
  VFSLOCK_DETAIL_THROW(error(std::move(info)));
}

// Calls with an error output last; false where it failed. `info` tells of this call alone.
template <class Call>
bool attempt(error_info &info, Call call) noexcept {
  vfslock_error *raw = nullptr;
  const vfslock_status status = call(&raw);
  info = error_info(status, raw);
  return status == VFSLOCK_OK;
}

// The form that throws, from the one that does not.
template <class Quiet>
auto must(Quiet quiet) {
  error_info info;
  auto result = quiet(info);
  if (info) raise(std::move(info));
  return result;
}

// Shares what a call gave; null, and `info` says no memory, where it cannot be shared.
template <auto free_function, class T>
std::shared_ptr<const T> keep(error_info &info, T *owned) noexcept {
  std::shared_ptr<const T> shared = share<free_function>(owned);
  if (owned && !shared) info = error_info(VFSLOCK_NO_MEMORY, nullptr);
  return shared;
}

}  // namespace detail

inline record record::dup(error_info &info) const noexcept {
  vfslock_record *copy = nullptr;
  detail::attempt(info, [&](vfslock_error **err) { return vfslock_record_dup(record_.get(), &copy, err); });
  return record(detail::keep<vfslock_record_free>(info, copy));
}
inline record record::dup() const {
  return detail::must([&](error_info &info) { return dup(info); });
}

// What stands at a lock, and what it means; or nothing, where it could not be had. Never changes. Copies share the C
// object; only what an event gives ends with the event. Threads: any.
class report {
 public:
  report() = default;
  explicit report(std::shared_ptr<const vfslock_report> shared) noexcept : report_(std::move(shared)) {}

  explicit operator bool() const noexcept { return report_ != nullptr; }
  const vfslock_report *get() const noexcept { return report_.get(); }
  std::int32_t state() const noexcept { return vfslock_report_state(report_.get()); }  // VFSLOCK_REPORT_…
  std::int32_t guarantee() const noexcept { return vfslock_report_guarantee(report_.get()); }
  const char *uri() const noexcept { return detail::text(vfslock_report_uri(report_.get())); }
  const char *id() const noexcept { return detail::text(vfslock_report_id(report_.get())); }  // what break_lock() takes
  const char *reason() const noexcept { return detail::text(vfslock_report_reason(report_.get())); }
  const char *json() const noexcept { return detail::text(vfslock_report_json(report_.get())); }
  vfslock::record record() const noexcept {
    return vfslock::record(detail::within(vfslock_report_record(report_.get()), report_));
  }

 private:
  std::shared_ptr<const vfslock_report> report_;
};

// A lock that somebody else owns: what a handler and the body of with_lock() get. Copying it copies no lock. It must
// not be used when its owner has ended the lock. Threads: any.
class lock_ref {
 public:
  lock_ref() = default;
  explicit lock_ref(vfslock_lock *borrowed) noexcept : lock_(borrowed) {}

  explicit operator bool() const noexcept { return lock_ != nullptr; }
  bool is_held() const noexcept { return vfslock_lock_is_held(lock_) != 0; }
  std::int32_t state() const noexcept { return vfslock_lock_state(lock_); }  // VFSLOCK_STATE_…
  std::int64_t token() const noexcept { return vfslock_lock_token(lock_); }
  bool token_is_strict() const noexcept { return vfslock_lock_token_is_strict(lock_) != 0; }
  std::string id() const { return detail::text(vfslock_lock_id(lock_)); }
  std::string uri() const { return detail::text(vfslock_lock_uri(lock_)); }
  std::int32_t guarantee() const noexcept { return vfslock_lock_guarantee(lock_); }  // VFSLOCK_GUARANTEE_…
  // nullopt: no time ends it.
  std::optional<milliseconds> remaining() const noexcept {
    const std::int64_t left = vfslock_lock_remaining_ms(lock_);
    return left < 0 ? std::nullopt : std::optional(milliseconds(left));
  }

  // The time left; -1 ms where no time ends it.
  milliseconds renew(milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) {
    return detail::must([&](error_info &info) { return renew(timeout, info, cancel); });
  }
  milliseconds renew(milliseconds timeout, error_info &info, vfslock_cancel *cancel = nullptr) noexcept {
    return set_ttl(milliseconds(VFSLOCK_TTL_SAME), timeout, info, cancel);
  }

  // Renews with another TTL: 1 ms to a day, or 0: no time ends it any more. Returns as renew().
  milliseconds set_ttl(milliseconds ttl, milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) {
    return detail::must([&](error_info &info) { return set_ttl(ttl, timeout, info, cancel); });
  }
  milliseconds set_ttl(
      milliseconds ttl, milliseconds timeout, error_info &info, vfslock_cancel *cancel = nullptr) noexcept {
    return ask(info, [&](std::int64_t *left, vfslock_error **err) {
      return vfslock_lock_renew(lock_, ttl.count(), timeout.count(), cancel, left, err);
    });
  }

  // Reads the record: the time left as in renew(), or what ended the tenure.
  milliseconds check(milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) {
    return detail::must([&](error_info &info) { return check(timeout, info, cancel); });
  }
  milliseconds check(milliseconds timeout, error_info &info, vfslock_cancel *cancel = nullptr) noexcept {
    return ask(info, [&](std::int64_t *left, vfslock_error **err) {
      return vfslock_lock_check(lock_, timeout.count(), cancel, left, err);
    });
  }

  // The record as it was last written.
  vfslock::record record() const {
    return detail::must([&](error_info &info) { return record(info); });
  }
  vfslock::record record(error_info &info) const noexcept {
    vfslock_record *copy = nullptr;
    detail::attempt(info, [&](vfslock_error **err) { return vfslock_lock_record(lock_, &copy, err); });
    return vfslock::record(detail::keep<vfslock_record_free>(info, copy));
  }

  // A descriptor for a child process, that the caller closes after the fork; nullopt where the storage has no such
  // thing.
  std::optional<int> inherit() {
    return detail::must([&](error_info &info) { return inherit(info); });
  }
  std::optional<int> inherit(error_info &info) noexcept {
    std::int32_t fd = -1;
    detail::attempt(info, [&](vfslock_error **err) { return vfslock_lock_inherit(lock_, &fd, err); });
    return fd < 0 ? std::nullopt : std::optional<int>(fd);
  }

  vfslock_lock *get() const noexcept { return lock_; }  // for vfslock.h; stays owned as it is

 protected:
  vfslock_lock *lock_ = nullptr;

 private:
  template <class Call>
  static milliseconds ask(error_info &info, Call call) noexcept {
    std::int64_t left = 0;
    detail::attempt(info, [&](vfslock_error **err) { return call(&left, err); });
    return milliseconds(left);
  }
};

// One tenure. Move-only. The destructor gives the lock back quietly, within two seconds; a detached one stays.
class lock : public lock_ref {
 public:
  lock() = default;
  explicit lock(vfslock_lock *owned) noexcept : lock_ref(owned) {}
  lock(lock &&other) noexcept : lock_ref(std::exchange(other.lock_, nullptr)) {}
  lock &operator=(lock &&other) noexcept {
    if (this != &other) {
      close();
      lock_ = std::exchange(other.lock_, nullptr);
    }
    return *this;
  }
  ~lock() { close(); }

  // Gives the lock back and says how that went. After UNAVAILABLE it may be repeated.
  void release(milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) {
    error_info info;
    if (!release(timeout, info, cancel)) detail::raise(std::move(info));
  }
  bool release(milliseconds timeout, error_info &info, vfslock_cancel *cancel = nullptr) noexcept {
    const bool done = detail::attempt(info, [&](vfslock_error **err) {
      return vfslock_lock_release(lock_, timeout.count(), cancel, err);
    });
    if (done) forget();
    return done;
  }

  // Gives the lock back quietly, as the destructor does. The object is empty then.
  void close(milliseconds timeout = milliseconds(2000)) noexcept {
    vfslock_lock_close(std::exchange(lock_, nullptr), timeout.count());
  }

  // Stops renewing and leaves the record alone: vfslock_lock_free(). The object is empty then.
  void forget() noexcept { vfslock_lock_free(std::exchange(lock_, nullptr)); }
};

// What every handler gets. It and all that it gives end when the handler returns. Threads: the handler's.
class event {
 public:
  explicit event(const vfslock_event *borrowed) noexcept : event_(borrowed) {}

  const char *kind() const noexcept { return detail::text(text("kind")); }
  const char *uri() const noexcept { return detail::text(vfslock_event_uri(event_)); }
  lock_ref lock() const noexcept { return lock_ref(vfslock_event_lock(event_)); }  // empty: there is none yet
  vfslock::report report() const noexcept { return vfslock::report(detail::within(vfslock_event_report(event_))); }
  error_info error() const noexcept { return error_info(vfslock_event_error(event_)); }
  // -1: it has none of that name.
  std::int64_t number(const char *name) const noexcept { return vfslock_event_number(event_, name); }
  // nullptr: it has none of that name.
  const char *text(const char *name) const noexcept { return vfslock_event_text(event_, name); }
  const vfslock_event *get() const noexcept { return event_; }

 private:
  const vfslock_event *event_;
};

// A handler decides: what it returns means what vfslock_options_on_stale() and vfslock_options_on_waiting() say. A
// listener is told. Both are copied; the copy lives as long as the options, lock or client that it was set for, and
// ends on the thread that gave it up last, which may be any.
using handler = std::function<std::int32_t(const event &)>;
using listener = std::function<void(const event &)>;

namespace detail {

// A function as C wants it. What it throws goes to `thrown` where there is one.
template <class Function>
struct boxed {
  Function function;
  std::shared_ptr<std::exception_ptr> thrown;

  std::int32_t operator()(const vfslock_event *raw) {
    if constexpr (std::is_same_v<Function, listener>) return function(event(raw)), 0;
    else return function(event(raw));
  }

  static std::int32_t VFSLOCK_CALL call(void *data, const vfslock_event *raw) noexcept {
    boxed &self = *static_cast<boxed *>(data);
    if (!self.thrown) return self(raw);
    VFSLOCK_DETAIL_TRY { return self(raw); }
    VFSLOCK_DETAIL_CATCH(...) {
      *self.thrown = std::current_exception();
      return -1;
    }
  }
  static void VFSLOCK_CALL destroy(void *data) noexcept { delete static_cast<boxed *>(data); }
};

// Gives a copy of the function to a setter of C, an empty one as none.
template <class Setter, class Object, class Function>
bool set_function(error_info &info, Setter setter, Object *object, const Function &function,
                  const std::shared_ptr<std::exception_ptr> &thrown = nullptr) noexcept {
  using box = boxed<Function>;
  box *copy = nullptr;
  VFSLOCK_DETAIL_TRY {
    if (function) copy = new box{function, thrown};
  }
  VFSLOCK_DETAIL_CATCH(...) {  // captures may throw anything when they are copied
    info = error_info(VFSLOCK_NO_MEMORY, nullptr);
    info.set_thrown(std::current_exception());
    return false;
  }
  return attempt(info, [&](vfslock_error **err) {
    return setter(object, copy ? box::call : nullptr, copy, copy ? box::destroy : nullptr, err);
  });
}

}  // namespace detail

// Configuration, connections, and the threads that renew. Move-only; its locks go on without it. Threads: any, once it
// is set up.
class client {
 public:
  client() : client(detail::must(make)) {}
  explicit client(error_info &info) noexcept : client(make(info)) {}  // an empty one where it failed

  operator vfslock_client *() const noexcept { return client_.get(); }

  client &set(const std::string &key, const std::string &value) {
    error_info info;
    if (!set(key, value, info)) detail::raise(std::move(info));
    return *this;
  }
  bool set(const std::string &key, const std::string &value, error_info &info) noexcept {
    return detail::attempt(info, [&](vfslock_error **err) {
      return vfslock_client_set(client_.get(), key.c_str(), value.c_str(), err);
    });
  }

  // Both before the client is used. Called on a thread of the library. An empty function removes what was set.
  client &on_log(const listener &told) {
    error_info info;
    if (!on_log(told, info)) detail::raise(std::move(info));
    return *this;
  }
  bool on_log(const listener &told, error_info &info) noexcept {
    return detail::set_function(info, vfslock_client_on_log, client_.get(), told);
  }
  client &on_metric(const listener &told) {
    error_info info;
    if (!on_metric(told, info)) detail::raise(std::move(info));
    return *this;
  }
  bool on_metric(const listener &told, error_info &info) noexcept {
    return detail::set_function(info, vfslock_client_on_metric, client_.get(), told);
  }

 private:
  using owned = std::unique_ptr<vfslock_client, detail::deleter<vfslock_client_free>>;
  explicit client(owned made) noexcept : client_(std::move(made)) {}
  static owned make(error_info &info) noexcept {
    vfslock_client *raw = nullptr;
    detail::attempt(info, [&](vfslock_error **err) { return vfslock_client_new(&raw, err); });
    return owned(raw);
  }
  owned client_;
};

// Ends calls early with VFSLOCK_CANCELLED. Move-only. Threads: any; both functions are async-signal-safe.
class cancel {
 public:
  cancel() : cancel(detail::must(make)) {}
  explicit cancel(error_info &info) noexcept : cancel(make(info)) {}  // an empty one where it failed

  operator vfslock_cancel *() const noexcept { return cancel_.get(); }
  void trigger() noexcept { vfslock_cancel_trigger(cancel_.get()); }
  bool is_triggered() const noexcept { return vfslock_cancel_is_triggered(cancel_.get()) != 0; }

 private:
  using owned = std::unique_ptr<vfslock_cancel, detail::deleter<vfslock_cancel_free>>;
  explicit cancel(owned made) noexcept : cancel_(std::move(made)) {}
  static owned make(error_info &info) noexcept {
    vfslock_cancel *raw = nullptr;
    detail::attempt(info, [&](vfslock_error **err) { return vfslock_cancel_new(&raw, err); });
    return owned(raw);
  }
  owned cancel_;
};

// How to lock. What is not set is as in vfslock_options_new(). A value: copy it as you like.
struct options {
  std::optional<milliseconds> ttl = {};  // 1 ms to a day; 0: no time ends it
  std::string owner_id = {};
  milliseconds wait = no_wait;  // acquire() and with_lock() only
  bool renewal = true;
  bool keep_record = false;
  std::optional<std::int32_t> require = {};  // VFSLOCK_GUARANTEE_…
  std::string steal = {};                    // "lease", "dead", "never"
  std::vector<std::pair<std::string, std::string>> attributes = {};
  bool detached = false;
  bool create_parents = false;
  bool adopt_empty = false;
  handler on_stale = {};     // on the thread that acquires, as on_waiting
  handler on_waiting = {};
  listener on_at_risk = {};  // on a thread of the library, as on_lost
  listener on_lost = {};
  vfslock_cancel *cancel = nullptr;                                // ends the wait; borrowed for the call
  std::vector<std::pair<std::string, std::string>> settings = {};  // other keys of keys() by name
};

namespace detail {

class c_options {
 public:
  // Where `info` tells of a failure it is not to be used.
  c_options(const options &wish, error_info &info) noexcept {
    vfslock_options *raw = nullptr;
    if (!attempt(info, [&](vfslock_error **err) { return vfslock_options_new(&raw, err); })) return;
    made_.reset(raw);
    // A setter that fails spoils its options, and what uses them reports it.
    if (wish.ttl) vfslock_options_set_ttl_ms(raw, wish.ttl->count(), nullptr);
    if (!wish.owner_id.empty()) vfslock_options_set_owner_id(raw, wish.owner_id.c_str(), nullptr);
    vfslock_options_set_renewal(raw, wish.renewal ? 1 : 0, nullptr);
    vfslock_options_set_keep_record(raw, wish.keep_record ? 1 : 0, nullptr);
    if (wish.require) vfslock_options_set_require(raw, *wish.require, nullptr);
    if (!wish.steal.empty()) vfslock_options_set(raw, "steal", wish.steal.c_str(), nullptr);
    vfslock_options_set_detached(raw, wish.detached ? 1 : 0, nullptr);
    vfslock_options_set_create_parents(raw, wish.create_parents ? 1 : 0, nullptr);
    if (wish.adopt_empty) vfslock_options_set(raw, "adopt_empty", "true", nullptr);
    for (const auto &[name, value] : wish.attributes)
      vfslock_options_set_attribute(raw, name.c_str(), value.c_str(), nullptr);
    for (const auto &[key, value] : wish.settings) vfslock_options_set(raw, key.c_str(), value.c_str(), nullptr);
    if (wish.on_stale || wish.on_waiting) {
      VFSLOCK_DETAIL_TRY { thrown_ = std::make_shared<std::exception_ptr>(); }
      VFSLOCK_DETAIL_CATCH(const std::bad_alloc &) {
        info = error_info(VFSLOCK_NO_MEMORY, nullptr);
        return;
      }
    }
    set_function(info, vfslock_options_on_stale, raw, wish.on_stale, thrown_) &&
        set_function(info, vfslock_options_on_waiting, raw, wish.on_waiting, thrown_) &&
        set_function(info, vfslock_options_on_at_risk, raw, wish.on_at_risk) &&
        set_function(info, vfslock_options_on_lost, raw, wish.on_lost);
  }

  const vfslock_options *get() const noexcept { return made_.get(); }
  // Call after the call that used them.
  void explain(error_info &info) const noexcept {
    if (info && thrown_) info.set_thrown(*thrown_);
  }

 private:
  std::unique_ptr<vfslock_options, deleter<vfslock_options_free>> made_;
  std::shared_ptr<std::exception_ptr> thrown_;
};

}  // namespace detail

// Does not throw; an empty lock and `info` where it was not had. Waits as wish.wait says.
inline lock acquire(
    const std::string &uri, const options &wish, error_info &info, vfslock_client *client = nullptr) noexcept {
  const detail::c_options made(wish, info);
  if (info) return {};
  vfslock_lock *got = nullptr;
  detail::attempt(info, [&](vfslock_error **err) {
    return vfslock_acquire(client, uri.c_str(), made.get(), wish.wait.count(), wish.cancel, &got, err);
  });
  made.explain(info);
  return lock(got);
}

// Throws held where somebody else has it when the wait (none unless asked for) is over.
inline lock acquire(const std::string &uri, const options &wish = {}, vfslock_client *client = nullptr) {
  return detail::must([&](error_info &info) { return acquire(uri, wish, info, client); });
}

namespace detail {

// nullopt where somebody else has it when wish.wait is over; throws for everything else.
inline std::optional<lock> acquire_if_free(
    const std::string &uri, const options &wish, vfslock_client *client = nullptr) {
  error_info info;
  lock got = acquire(uri, wish, info, client);
  if (got) return got;
  if (vfslock_status_group(info.status()) == vfslock_status_group(VFSLOCK_HELD)) return std::nullopt;
  raise(std::move(info));
}

}  // namespace detail

// nullopt where somebody else has it; throws for everything else. Does not wait.
inline std::optional<lock> try_acquire(const std::string &uri, options wish = {}, vfslock_client *client = nullptr) {
  wish.wait = no_wait;
  return detail::acquire_if_free(uri, wish, client);
}

// Goes on with a detached tenure. Of the options only ttl, renewal, the handlers and cancel count.
inline lock resume(const std::string &uri, const std::string &id, const options &wish, error_info &info,
                   vfslock_client *client = nullptr, milliseconds timeout = own_bound) noexcept {
  const detail::c_options made(wish, info);
  if (info) return {};
  vfslock_lock *got = nullptr;
  detail::attempt(info, [&](vfslock_error **err) {
    return vfslock_resume(client, uri.c_str(), id.c_str(), made.get(), timeout.count(), wish.cancel, &got, err);
  });
  made.explain(info);
  return lock(got);
}
inline lock resume(const std::string &uri, const std::string &id, const options &wish = {},
                   vfslock_client *client = nullptr, milliseconds timeout = own_bound) {
  return detail::must([&](error_info &info) { return resume(uri, id, wish, info, client, timeout); });
}

// Takes the lock, calls body(lock_ref), gives the lock back, and tells whether all of it went well. What the body
// returns is as in vfslock_body: 0 is success, any other value VFSLOCK_CALLBACK_FAILED with
// error_info::callback_value(). It is called on the calling thread, and must not end the lock's object.
template <class Body>
bool with_lock(const std::string &uri, const options &wish, Body &&body, error_info &info,
               vfslock_client *client = nullptr) noexcept {
  const detail::c_options made(wish, info);
  if (info) return false;
  struct frame {
    std::remove_reference_t<Body> &body;
    std::exception_ptr thrown;
    static std::int32_t VFSLOCK_CALL call(void *data, vfslock_lock *lock) noexcept {
      frame &self = *static_cast<frame *>(data);
      VFSLOCK_DETAIL_TRY { return self.body(lock_ref(lock)); }
      VFSLOCK_DETAIL_CATCH(...) {
        self.thrown = std::current_exception();
        return -1;
      }
    }
  } inside{body, nullptr};
  const bool done = detail::attempt(info, [&](vfslock_error **err) {
    return vfslock_with_lock(
        client, uri.c_str(), made.get(), wish.wait.count(), wish.cancel, frame::call, &inside, err);
  });
  made.explain(info);
  if (inside.thrown) info.set_thrown(inside.thrown);
  return done;
}

// The same, and returns what the body returns, if anything; a failure is what the body throws. It outranks whatever
// became of the lock. Throws lost where the lock was lost before the body returned: its work was not protected to the
// end.
template <class Body>
auto with_lock(const std::string &uri, const options &wish, Body &&body, vfslock_client *client = nullptr) {
  using result = std::decay_t<std::invoke_result_t<Body &, lock_ref>>;
  error_info info;
  if constexpr (std::is_void_v<result>) {
    const auto work = [&](lock_ref lock) { return body(lock), 0; };
    if (!with_lock(uri, wish, work, info, client)) detail::raise(std::move(info));
  } else {
    std::optional<result> value;
    const auto work = [&](lock_ref lock) { return value.emplace(body(lock)), 0; };
    if (!with_lock(uri, wish, work, info, client)) detail::raise(std::move(info));
    return std::move(*value);
  }
}

namespace detail {

template <class Look>
report look(error_info &info, Look function, vfslock_client *client, const std::string &uri, milliseconds timeout,
            vfslock_cancel *cancel) noexcept {
  vfslock_report *found = nullptr;
  attempt(info, [&](vfslock_error **err) {
    return function(client, uri.c_str(), timeout.count(), cancel, &found, err);
  });
  return report(keep<vfslock_report_free>(info, found));
}

}  // namespace detail

// Looks at a lock without taking it.
inline report inspect(const std::string &uri, error_info &info, vfslock_client *client = nullptr,
                      milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) noexcept {
  return detail::look(info, vfslock_inspect, client, uri, timeout, cancel);
}
inline report inspect(const std::string &uri, vfslock_client *client = nullptr, milliseconds timeout = own_bound,
                      vfslock_cancel *cancel = nullptr) {
  return detail::must([&](error_info &info) { return inspect(uri, info, client, timeout, cancel); });
}

// Looks at a lock and tries its storage.
inline report probe(const std::string &uri, error_info &info, vfslock_client *client = nullptr,
                    milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) noexcept {
  return detail::look(info, vfslock_probe, client, uri, timeout, cancel);
}
inline report probe(const std::string &uri, vfslock_client *client = nullptr, milliseconds timeout = own_bound,
                    vfslock_cancel *cancel = nullptr) {
  return detail::must([&](error_info &info) { return probe(uri, info, client, timeout, cancel); });
}

// Ends what report::id() names, whoever holds it. Throws held where something else stands there by now.
inline bool break_lock(const std::string &uri, const std::string &id, error_info &info,
                       vfslock_client *client = nullptr, milliseconds timeout = own_bound,
                       vfslock_cancel *cancel = nullptr) noexcept {
  return detail::attempt(info, [&](vfslock_error **err) {
    return vfslock_break_lock(client, uri.c_str(), id.c_str(), timeout.count(), cancel, err);
  });
}
inline void break_lock(const std::string &uri, const std::string &id, vfslock_client *client = nullptr,
                       milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) {
  error_info info;
  if (!break_lock(uri, id, info, client, timeout, cancel)) detail::raise(std::move(info));
}

// The locks below a place, in one pass:
//
//     for (const vfslock::report &found : vfslock::list("in")) std::puts(found.uri());
//
// A lock that cannot be looked at ends the loop by an exception; next() with an error_info, or a second loop over the
// same list, goes on behind it. Move-only, but not while it is iterated. Threads: one at a time.
class list {
 public:
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = report;
    using difference_type = std::ptrdiff_t;
    using pointer = const report *;
    using reference = const report &;

    iterator() = default;  // the end
    reference operator*() const noexcept { return at_; }
    pointer operator->() const noexcept { return &at_; }
    iterator &operator++() {
      at_ = list_->next().value_or(report());
      if (!at_) list_ = nullptr;
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator &a, const iterator &b) noexcept { return a.list_ == b.list_; }
    friend bool operator!=(const iterator &a, const iterator &b) noexcept { return a.list_ != b.list_; }

   private:
    friend class list;
    explicit iterator(list *over) : list_(over) { ++*this; }
    list *list_ = nullptr;
    report at_;
  };

  // Touches no storage.
  explicit list(const std::string &prefix_uri, vfslock_client *client = nullptr)
      : list(detail::must([&](error_info &info) { return make(prefix_uri, info, client); })) {}
  list(const std::string &prefix_uri, error_info &info, vfslock_client *client = nullptr) noexcept
      : list(make(prefix_uri, info, client)) {}

  // nullopt at the end.
  std::optional<report> next(milliseconds timeout = own_bound, vfslock_cancel *cancel = nullptr) {
    return detail::must([&](error_info &info) { return next(timeout, info, cancel); });
  }
  // nullopt at the end, and where `info` tells of a failure.
  std::optional<report> next(milliseconds timeout, error_info &info, vfslock_cancel *cancel = nullptr) noexcept {
    vfslock_report *found = nullptr;
    detail::attempt(info, [&](vfslock_error **err) {
      return vfslock_list_next(list_.get(), timeout.count(), cancel, &found, err);
    });
    report got(detail::keep<vfslock_report_free>(info, found));
    return got ? std::optional(std::move(got)) : std::nullopt;
  }

  iterator begin() { return iterator(this); }  // reads the next one
  iterator end() noexcept { return {}; }

 private:
  using owned = std::unique_ptr<vfslock_list, detail::deleter<vfslock_list_free>>;
  explicit list(owned made) noexcept : list_(std::move(made)) {}
  static owned make(const std::string &prefix_uri, error_info &info, vfslock_client *client) noexcept {
    vfslock_list *raw = nullptr;
    detail::attempt(info, [&](vfslock_error **err) { return vfslock_list_new(client, prefix_uri.c_str(), &raw, err); });
    return owned(raw);
  }
  owned list_;
};

// One of the keys that client::set() and options::settings take. Constant.
class key {
 public:
  explicit key(const vfslock_key *constant) noexcept : key_(constant) {}
  const char *name() const noexcept { return detail::text(vfslock_key_name(key_)); }
  // nullptr: no such field.
  const char *text(const char *field) const noexcept { return vfslock_key_text(key_, field); }

 private:
  const vfslock_key *key_;
};

inline std::vector<key> keys() {
  std::vector<key> all;
  for (const vfslock_key *at = vfslock_key_next(nullptr); at; at = vfslock_key_next(at)) all.emplace_back(at);
  return all;
}

// The schemes that the library serves, as in "file".
inline std::vector<std::string> schemes() {
  std::vector<std::string> all;
  for (std::int32_t i = 0; const char *scheme = vfslock_scheme_at(i); ++i) all.emplace_back(scheme);
  return all;
}

// The version of the library, which may be another than the header's.
inline std::int32_t version_number() noexcept { return vfslock_version_number(); }
inline const char *version_string() noexcept { return vfslock_version_string(); }

// A lock as the standard's templates want one: std::lock_guard, std::unique_lock with its waits, std::scoped_lock. Not
// for several threads at once; not recursive. It throws as acquire() does, which has the form without exceptions. The
// client stays the caller's and outlives it.
class mutex {
 public:
  explicit mutex(std::string uri, options wish = {}, vfslock_client *client = nullptr)
      : uri_(std::move(uri)), wish_(std::move(wish)), client_(client) {}

  void lock() {
    wish_.wait = wait_forever;
    lock_ = acquire(uri_, wish_, client_);
  }
  bool try_lock() { return try_lock_for(no_wait); }
  template <class Rep, class Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period> &wait) {
    // Less than nothing would be for ever.
    wish_.wait = wait > wait.zero() ? std::chrono::ceil<milliseconds>(wait) : no_wait;
    auto got = detail::acquire_if_free(uri_, wish_, client_);
    if (got) lock_ = std::move(*got);
    return got.has_value();
  }
  template <class Clock, class Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration> &end) {
    return try_lock_for(end - Clock::now());
  }

  // Quiet, as the standard wants it.
  void unlock() noexcept { lock_.close(); }
  // Says how it went. Where it failed it may be repeated, and unlock() ends it.
  bool unlock(error_info &info, milliseconds timeout = own_bound) noexcept { return lock_.release(timeout, info); }
  const vfslock::lock &held_lock() const noexcept { return lock_; }

 private:
  std::string uri_;
  options wish_;
  vfslock_client *client_;
  vfslock::lock lock_;
};

}  // namespace vfslock

#undef VFSLOCK_DETAIL_TRY
#undef VFSLOCK_DETAIL_CATCH
#undef VFSLOCK_DETAIL_THROW

#endif
