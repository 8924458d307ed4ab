/*
 * vfslock: advisory locks on any file that a URI can name.
 *
 * A file is locked by a small record beside it, `<uri>.lock`, that says who holds it. Processes that follow the
 * protocol never hold the same lock at the same time, and a process that dies does not keep it. The lock of a file
 * says nothing about the file itself: it need not exist, and nobody is hindered who does not ask for the lock.
 *
 *     vfslock_lock *lock = NULL;
 *     vfslock_error *error = NULL;
 *     if (vfslock_acquire(NULL, "in/data.csv", NULL, VFSLOCK_NO_WAIT, NULL, &lock, &error) != VFSLOCK_OK) {
 *       fprintf(stderr, "%s\n", vfslock_error_message(error));
 *       vfslock_error_free(error);
 *       return 1;
 *     }
 *     work_on("in/data.csv");
 *     vfslock_lock_close(lock, VFSLOCK_OWN_BOUND);
 *
 * Conventions
 *
 *  1. What can fail returns a vfslock_status: VFSLOCK_OK (0) or a negative code.
 *  2. The last parameter of such a function is `ret_err`. It may be NULL. On failure it is overwritten with an error
 *     object that the caller frees; on success it is left alone. It is never read, so give it no error that you own.
 *  3. Outputs are named `ret_*` and are written on success only.
 *  4. What comes through `ret_*` belongs to the caller, who frees it. What a function returns directly is borrowed:
 *     it lives as long as the object that it was asked of.
 *  5. Free functions take NULL, never fail, and never touch a storage.
 *  6. Getters take NULL and answer NULL, 0 or VFSLOCK_OK.
 *  7. Strings are UTF-8 and end in NUL. Paths may hold any bytes but NUL.
 *  8. Times are int64_t milliseconds, and their names end in `_ms`.
 *  9. Functions that touch a storage take `timeout_ms` and `cancel`. VFSLOCK_OWN_BOUND (-1) as time is the library's
 *     own bound: a sixth of the TTL, at most 10 s, and at least 1 s in memory and on local disks; three times that for
 *     a release over a network, whose answer may be lost. NULL as cancel means that nobody ends the call early.
 * 10. Every object may be used by several threads at once, but for options, which belong to one thread while they
 *     are changed. Nobody may use an object while or after it is freed, except that a client may be freed before its
 *     locks, and a cancel while calls use it.
 * 11. After fork(2) the child's copies of locks are VFSLOCK_FORKED: they are the parent's, and nothing that the child
 *     does with them changes that. The child's own vfslock_acquire starts afresh.
 * 12. The library prints nothing, installs no signal handler, and its threads block all signals.
 *
 * A URI is a URI: percent-decoded once; `?`, `#` and `%` are written %3F, %23 and %25. Anything without `scheme://` is
 * a path, taken byte for byte.
 */
#ifndef VFSLOCK_VFSLOCK_H
#define VFSLOCK_VFSLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* VFSLOCK_API marks what the library exports, VFSLOCK_CALL how functions and handlers are called.
 * On Windows define VFSLOCK_STATIC before this header when linking the static library. */
#if defined(_WIN32)
#define VFSLOCK_CALL __cdecl
#if defined(VFSLOCK_STATIC)
#define VFSLOCK_API
#elif defined(VFSLOCK_BUILDING)
#define VFSLOCK_API __declspec(dllexport)
#else
#define VFSLOCK_API __declspec(dllimport)
#endif
#else
#define VFSLOCK_CALL
#if defined(__GNUC__)
#define VFSLOCK_API __attribute__((visibility("default")))
#else
#define VFSLOCK_API
#endif
#endif

/* ---------------------------------------------------------------------------------------------------------------
 * Versions
 */

/** The version of this header. VFSLOCK_VERSION_NUMBER = major * 1000000 + minor * 1000 + patch. */
#define VFSLOCK_VERSION_MAJOR 0
#define VFSLOCK_VERSION_MINOR 1
#define VFSLOCK_VERSION_PATCH 0
#define VFSLOCK_VERSION_NUMBER 1000
#define VFSLOCK_VERSION_STRING "0.1.0"

/** The ABI's major version: what vfslock_get_api() takes. */
#define VFSLOCK_ABI 1

/* ---------------------------------------------------------------------------------------------------------------
 * Constants
 */

/** Results. Codes are negative and never reused; code / 100 is the group, see vfslock_status_group(). */
typedef int32_t vfslock_status;

/* <generated: statuses> */
#define VFSLOCK_OK 0 /* success */

/* -1xx: somebody else has the lock, or the wait for it ended */
#define VFSLOCK_HELD (-100) /* the lock is held by another holder */
#define VFSLOCK_TIMEOUT (-101) /* the lock was still held when the wait ended */

/* -2xx: what became of this handle's tenure */
#define VFSLOCK_NOT_HELD (-200) /* this handle does not hold the lock (any more) */
#define VFSLOCK_LOST (-201) /* the lock was lost; acquire it again */
#define VFSLOCK_SUSPECT (-202) /* a clock stepped; one successful renewal decides whether the lock is still held */
#define VFSLOCK_FORKED (-203) /* the handle belongs to the parent process of this fork */

/* -3xx: the caller's own decision ended the call */
#define VFSLOCK_CANCELLED (-300) /* the call was cancelled */
#define VFSLOCK_VETOED (-301) /* the stale handler refused to replace the stale lock */
#define VFSLOCK_CALLBACK_FAILED (-302) /* a handler of the caller failed */
#define VFSLOCK_REENTRANT (-303) /* this call is not allowed inside a handler */

/* -4xx: the call itself is wrong */
#define VFSLOCK_INVALID_ARGUMENT (-400) /* an argument is invalid */
#define VFSLOCK_INVALID_URI (-401) /* the URI is invalid */

/* -5xx: what the storage holds, or is able to hold */
#define VFSLOCK_NOT_FOUND (-500) /* a folder, bucket or container does not exist */
#define VFSLOCK_CORRUPT_RECORD (-501) /* the lock record cannot be understood; only an explicit break ends it */
#define VFSLOCK_UNSAFE_PATH (-502) /* the lock's path is not safe to use */
#define VFSLOCK_NO_SPACE (-503) /* the storage is full or the quota is used up */

/* -6xx: rights */
#define VFSLOCK_UNAUTHENTICATED (-600) /* the storage does not accept the credentials */
#define VFSLOCK_PERMISSION_DENIED (-601) /* the operation is not permitted */

/* -7xx: the storage cannot be reached, or did not say what became of a request */
#define VFSLOCK_UNAVAILABLE (-700) /* the storage is not available now */
#define VFSLOCK_UNKNOWN_OUTCOME (-701) /* the storage did not say whether the request took effect */

/* -8xx: the storage cannot do what is asked */
#define VFSLOCK_BELOW_GUARANTEE (-800) /* the storage guarantees less than the caller requires */
#define VFSLOCK_UNSUPPORTED (-801) /* the storage or this build does not support the operation */

/* -9xx: this process */
#define VFSLOCK_NO_MEMORY (-900) /* out of memory */
#define VFSLOCK_INTERNAL (-901) /* internal error in vfslock */
/* </generated: statuses> */

/** For `wait_ms`: try once; wait until the lock is had or the wait is cancelled. */
#define VFSLOCK_NO_WAIT 0
#define VFSLOCK_WAIT_FOREVER (-1)

/** For `timeout_ms`: the library's own bound (convention 9). */
#define VFSLOCK_OWN_BOUND (-1)

/** For `ttl_ms`: never expires by time; in vfslock_lock_renew() also: as it was. */
#define VFSLOCK_TTL_NEVER 0
#define VFSLOCK_TTL_SAME (-1)

/** What vfslock_lock_state() answers. LOST and RELEASED are final; SUSPECT becomes OK again by one renewal. */
#define VFSLOCK_STATE_OK 1
#define VFSLOCK_STATE_SUSPECT 2 /* a clock stepped: not believed until one renewal succeeds */
#define VFSLOCK_STATE_LOST 3
#define VFSLOCK_STATE_RELEASED 4
#define VFSLOCK_STATE_FORKED 5 /* the parent's lock, seen from a forked child */

/** What vfslock_report_state() answers. */
#define VFSLOCK_REPORT_FREE 1     /* nothing is there */
#define VFSLOCK_REPORT_HELD 2     /* somebody holds the lock, or may hold it */
#define VFSLOCK_REPORT_STALE 3    /* its holder is dead or did not renew in time: it may be taken */
#define VFSLOCK_REPORT_RELEASED 4 /* a record that its last holder left as released: free */
#define VFSLOCK_REPORT_CORRUPT 5  /* a record that cannot be understood: held by unknown until it is broken */
#define VFSLOCK_REPORT_FOREIGN 6  /* held by another program, whose record has a TTL and no more */

/** How exact a storage is: what vfslock_options_set_require() takes and vfslock_lock_guarantee() answers. */
#define VFSLOCK_GUARANTEE_NONE 0  /* the server ignores conditions: no exclusion */
#define VFSLOCK_GUARANTEE_TIMED 1 /* exclusion rests on a time bound as well */
#define VFSLOCK_GUARANTEE_EXACT 2 /* each transition is one atomic conditional operation */

/* ---------------------------------------------------------------------------------------------------------------
 * Types
 */

/** Configuration, connections, and the threads that renew. NULL is the process's default client. */
typedef struct vfslock_client vfslock_client;
/** How to lock: TTL, owner, handlers. */
typedef struct vfslock_options vfslock_options;
/** One tenure: what vfslock_acquire() returns. Lost or released is final. */
typedef struct vfslock_lock vfslock_lock;
/** What every handler gets. Lives until the handler returns. */
typedef struct vfslock_event vfslock_event;
/** A copy of a lock's record: who holds it. Never changes. */
typedef struct vfslock_record vfslock_record;
/** What went wrong. Never changes. */
typedef struct vfslock_error vfslock_error;
/** What stands at a lock, and what it means. Never changes. */
typedef struct vfslock_report vfslock_report;
/** The locks below a place, one after the other. */
typedef struct vfslock_list vfslock_list;
/** Ends calls early. */
typedef struct vfslock_cancel vfslock_cancel;
/** One entry of the list of keys that clients and options take by name. */
typedef struct vfslock_key vfslock_key;

/**
 * A handler: called by the library when something is to be decided or known. Set by vfslock_options_on_*() and
 * vfslock_client_on_*().
 *
 * Threads: stale and waiting handlers run on the thread that acquires; at-risk and lost handlers run on a thread of
 *   the library that never renews. The handlers of one lock run one after the other; handlers of different locks may
 *   run at once. At-risk and lost handlers may run before vfslock_acquire returns: the event names the lock.
 * Calls: inside a stale or waiting handler no function that touches a storage may be called, and inside a handler of
 *   a lock not vfslock_lock_renew of that lock: they return VFSLOCK_REENTRANT. Everything else is allowed, also to
 *   free the client and the options of the call, and to release, close or free the lock in its own handler (the memory
 *   is kept until the handler returns). Two handlers that free each other's locks wait for each other for ever.
 * Lifetime: the event and all that its getters return live until the handler returns.
 * It must not leave by an exception or longjmp.
 *
 * @return what it means is told at the setter
 */
typedef int32_t(VFSLOCK_CALL *vfslock_handler)(void *user_data, const vfslock_event *event);

/** Frees a handler's user data: called once, after the last call of the handler, also when the setter failed. On the
 *  thread that gave up the data last, which may be any. */
typedef void(VFSLOCK_CALL *vfslock_destroy)(void *user_data);

/** What vfslock_with_lock() does under the lock. It is no handler: every call is allowed in it, but to close or free the
 *  lock. 0 is success; any other value is its own failure. It must not leave by an exception or longjmp. */
typedef int32_t(VFSLOCK_CALL *vfslock_body)(void *user_data, vfslock_lock *lock);

/* ---------------------------------------------------------------------------------------------------------------
 * Client
 */

/**
 * Makes a client with the default configuration. Keys that are not set with vfslock_client_set() come from the
 * environment, which is read at the client's first use, then from what is built in.
 *
 * @return VFSLOCK_OK; VFSLOCK_NO_MEMORY; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any. Ownership: free *ret_client with vfslock_client_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_client_new(vfslock_client **ret_client, vfslock_error **ret_err);

/**
 * Sets one key of a client, before the client is first used.
 *
 * @param client  not NULL: the default client reads the environment only
 * @param key     a name that vfslock_key_next() lists for clients
 * @param value   its text; checked now
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT for an unknown key (the error names the nearest known one), a value out
 *         of range, or a client that has been used
 *
 * Threads: any. Ownership: nothing is kept of the arguments.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_client_set(
    vfslock_client *client, const char *key, const char *value, vfslock_error **ret_err);

/**
 * Sets who is told what the client does: each request to a storage ("debug"), each operation with its outcome ("info"),
 * and that a lock is at risk or lost ("warning"). Nothing is printed by the library itself.
 *
 * The event has the URI, the texts "level", "operation" ("request", "at_risk", "lost", or a function's name without its
 * prefix), "message" (for people; no secret is in it) and "outcome" (a status' name), and the numbers "duration_us"
 * (microseconds), "status", and "dropped" (how many were left out before this one, since the handler took too long).
 * Told in order, on a thread of the library, by one call at a time; no function that touches a storage may be called
 * there. What the handler returns is ignored. A forked child is told nothing.
 *
 * @param client     not NULL, and not used yet
 * @param handler    NULL removes the handler
 * @param user_data  given to each call
 * @param destroy    called once when user_data is no longer needed, also when this setter fails; may be NULL
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT; VFSLOCK_NO_MEMORY
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_client_on_log(
    vfslock_client *client, vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);

/**
 * Sets who counts and measures what the client does: called for each request and each operation as the log handler is,
 * with the URI, the texts "operation" and "outcome", and the numbers "duration_us", "status" and "dropped".
 *
 * Parameters, return values, threads: as vfslock_client_on_log().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_client_on_metric(
    vfslock_client *client, vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);

/**
 * Frees a client. Its locks stay as they are and go on being renewed.
 *
 * Threads: any; does not block, but where it has a log or metric handler: then it waits until that was told what
 * happened before, at most 1 s, and unless it is called inside it.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_client_free(vfslock_client *client);

/**
 * Lists the keys that clients and options take by name.
 *
 * @param previous  NULL for the first key
 * @return the key after `previous`, NULL after the last one
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const vfslock_key *VFSLOCK_CALL vfslock_key_next(const vfslock_key *previous);

/**
 * The key's name, as in "lock.name".
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_key_name(const vfslock_key *key);

/**
 * What is known of a key.
 *
 * @param field  "scope" (client or options), "type", "default", "range", "text" (one sentence for people), or
 *               "environment" (the variable that sets it, "" where there is none)
 * @return NULL for any other field
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_key_text(const vfslock_key *key, const char *field);

/* ---------------------------------------------------------------------------------------------------------------
 * Options
 *
 * A setter that fails returns why, and also spoils its options: vfslock_acquire() then reports the first such
 * failure. So setters need no check of their own. Options may be freed or changed after vfslock_acquire() returns.
 */

/**
 * Makes options with the defaults: TTL 30 s, renewed in the background, stale locks are taken.
 *
 * @return VFSLOCK_OK; VFSLOCK_NO_MEMORY; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any. Ownership: free *ret_options with vfslock_options_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_new(vfslock_options **ret_options, vfslock_error **ret_err);

/**
 * Copies options. Handlers are shared with the original: their `destroy` is called when both, and all locks acquired
 * with them, are done with them.
 *
 * @return VFSLOCK_OK; VFSLOCK_NO_MEMORY; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any. Ownership: free *ret_options with vfslock_options_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_dup(
    const vfslock_options *options, vfslock_options **ret_options, vfslock_error **ret_err);

/**
 * Frees options. Locks acquired with them keep their handlers.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_options_free(vfslock_options *options);

/**
 * Sets an option by name.
 *
 * @param key    a name that vfslock_key_next() lists for options:
 *               "steal" says whose lock may be taken over: "lease" (the default: the dead's, and that of the living
 *               whose lease ended), "dead" (only who is proven dead), "never" (nobody's, only a released one);
 *               "adopt_empty" says whether an empty file at the lock's place, which counts as a mark of another program,
 *               may be replaced ("true") when it did not change for the TTL, 2 s at least; default "false"
 * @param value  its text
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT for an unknown key (the error names the nearest known one) or value
 *
 * Threads: one at a time. Ownership: nothing is kept of the arguments.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set(
    vfslock_options *options, const char *key, const char *value, vfslock_error **ret_err);

/**
 * Sets the TTL: how long the lock lives without renewal.
 *
 * @param ttl_ms  1..86400000, default 30000, or VFSLOCK_TTL_NEVER (0): no time ends it, only a proof of its holder's
 *                death. Networks take 1000 and more; so does every storage while the lock is renewed in the background
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_ttl_ms(
    vfslock_options *options, int64_t ttl_ms, vfslock_error **ret_err);

/**
 * Sets who acquires, for people: it stands in the record and in every refusal. Default: none.
 *
 * @param owner_id  at most 1000 bytes of UTF-8 without control characters
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time. Ownership: copied.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_owner_id(
    vfslock_options *options, const char *owner_id, vfslock_error **ret_err);

/**
 * Sets whether the library renews the lock in the background.
 *
 * @param renewal  1 (default): at a third of the TTL, by threads of the library. 0: the lock ends after its TTL unless
 *                 the caller renews it
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_renewal(
    vfslock_options *options, int32_t renewal, vfslock_error **ret_err);

/**
 * Sets the least guarantee with which the caller is content.
 *
 * @param guarantee  VFSLOCK_GUARANTEE_EXACT, _TIMED (default), or _NONE. Below it vfslock_acquire() writes nothing and
 *                   returns VFSLOCK_BELOW_GUARANTEE
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_require(
    vfslock_options *options, int32_t guarantee, vfslock_error **ret_err);

/**
 * Sets whether the record stays when the lock is released, so that tokens are strictly one more at each grant.
 *
 * @param keep  0 (default) or 1. Once a record is kept, all later holders keep it, whatever they set
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_keep_record(
    vfslock_options *options, int32_t keep, vfslock_error **ret_err);

/**
 * Sets whether the tenure outlives the process that began it. A detached tenure lives by its lease alone: on a local
 * disk too no death frees it, vfslock_lock_close() and vfslock_lock_free() of its handle leave it as it is, and whoever
 * knows its id may go on with it by vfslock_resume(). While there is a handle it is renewed like any other.
 *
 * @param detached  0 (default) or 1
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_detached(
    vfslock_options *options, int32_t detached, vfslock_error **ret_err);

/**
 * Sets whether directories that are missing on the way to the lock are made, as by mkdir -p. They stay. Storages without
 * directories ignore it.
 *
 * @param create  0 (default) or 1
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_create_parents(
    vfslock_options *options, int32_t create, vfslock_error **ret_err);

/**
 * Adds an attribute to the lock's record, for people and programs that look at it: a job's number, a link to its log.
 * Everybody who may read the lock may read it.
 *
 * @param name   1 to 1000 bytes of UTF-8 without control characters; a name that was set before gets the new value
 * @param value  at most 1000 bytes of the same
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT (also for the 65th). Whether all of it fits into a record of the storage
 *         is known when the lock is acquired: VFSLOCK_INVALID_ARGUMENT there, before anything is written
 *
 * Threads: one at a time. Ownership: copied.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_set_attribute(
    vfslock_options *options, const char *name, const char *value, vfslock_error **ret_err);

/**
 * Sets who decides about a stale lock. Without a handler it is taken.
 *
 * Called during vfslock_acquire(), on its thread, each time before a stale lock would be taken. The event has the
 * report with the evidence, and the numbers "age_ms" and "unchanged_ms". A yes holds for exactly the record judged.
 * The handler returns
 *   0  take it
 *   1  not stale for me: it counts as held, go on waiting
 *   2  end with VFSLOCK_VETOED
 *   negative  a failure of its own: end with VFSLOCK_CALLBACK_FAILED; vfslock_error_callback_value() is the value
 *   any other  likewise
 *
 * @param handler    NULL removes the handler
 * @param user_data  given to each call
 * @param destroy    called once when user_data is no longer needed, also when this setter fails; may be NULL
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT; VFSLOCK_NO_MEMORY
 *
 * Threads: one at a time.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_on_stale(
    vfslock_options *options, vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);

/**
 * Sets who is told about a wait.
 *
 * Called during vfslock_acquire(), on its thread, before each sleep, at least once a second. The event has the report
 * of who holds the lock, and the numbers "waited_ms", "age_ms" and "unchanged_ms". The handler returns 0 to go on,
 * a positive number to end the wait with VFSLOCK_CANCELLED, a negative one to end it with VFSLOCK_CALLBACK_FAILED.
 *
 * Parameters, return values, threads: as vfslock_options_on_stale().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_on_waiting(
    vfslock_options *options, vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);

/**
 * Sets who is warned while renewals in the background fail and time is left.
 *
 * Called once for each bad spell: after a renewal that succeeded it may be called again. The event has the lock, the
 * error, and the number "remaining_ms". What the handler returns is ignored.
 *
 * Parameters, return values, threads: as vfslock_options_on_stale().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_on_at_risk(
    vfslock_options *options, vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);

/**
 * Sets who is told that a lock is lost.
 *
 * Called once for a lock that is lost, never after vfslock_lock_close() or vfslock_lock_free() returned. On a local
 * disk nobody whom a dead holder would let in may enter before the handler has returned. The event has the lock, the
 * error, and the text "reason": "expired" (the lease ended unrenewed), "replaced" (another record stands there),
 * "removed" (the record is gone), "unreachable" (renewals failed until the lease ended), "disowned" (this process
 * closed the lock's descriptor). What the handler returns is ignored.
 *
 * Parameters, return values, threads: as vfslock_options_on_stale().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_options_on_lost(
    vfslock_options *options, vfslock_handler handler, void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);

/* ---------------------------------------------------------------------------------------------------------------
 * Cancel
 */

/**
 * Makes a cancel: given to calls, it ends them early once it is triggered. It stays triggered.
 *
 * @return VFSLOCK_OK; VFSLOCK_NO_MEMORY; VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any. Ownership: free *ret_cancel with vfslock_cancel_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_cancel_new(vfslock_cancel **ret_cancel, vfslock_error **ret_err);

/**
 * Ends the calls that use this cancel, now and from now on, with VFSLOCK_CANCELLED. May be repeated.
 *
 * Threads: any; async-signal-safe.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_cancel_trigger(vfslock_cancel *cancel);

/**
 * 1 once it was triggered, 0 before.
 *
 * Threads: any; async-signal-safe.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_cancel_is_triggered(const vfslock_cancel *cancel);

/**
 * Frees a cancel. Calls that use it go on as if it were never triggered.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_cancel_free(vfslock_cancel *cancel);

/* ---------------------------------------------------------------------------------------------------------------
 * Lock
 */

/**
 * Takes the lock of a file.
 *
 * @param client   NULL is the default client
 * @param uri      the file, not its lock: "in/data.csv" is locked by "in/data.csv.lock"
 * @param options  NULL is the defaults
 * @param wait_ms  how long to wait while others hold it: VFSLOCK_NO_WAIT (0), VFSLOCK_WAIT_FOREVER (-1), or a time
 * @param cancel   may be NULL
 * @return VFSLOCK_OK
 *         VFSLOCK_HELD, VFSLOCK_TIMEOUT: others hold it, at once or still when the wait ended; the error has their
 *           record. A lock that this process holds is held too: locks are not re-entrant
 *         VFSLOCK_CANCELLED, VFSLOCK_VETOED, VFSLOCK_CALLBACK_FAILED: the caller's own cancel or handler ended it
 *         VFSLOCK_INVALID_ARGUMENT, VFSLOCK_INVALID_URI, VFSLOCK_UNSUPPORTED, VFSLOCK_BELOW_GUARANTEE: nothing was
 *           written
 *         VFSLOCK_NOT_FOUND: the folder, bucket or container does not exist
 *         VFSLOCK_CORRUPT_RECORD, VFSLOCK_UNSAFE_PATH: what stands there is not touched
 *         VFSLOCK_UNAVAILABLE, VFSLOCK_UNKNOWN_OUTCOME, VFSLOCK_PERMISSION_DENIED, VFSLOCK_NO_SPACE,
 *           VFSLOCK_UNAUTHENTICATED: the storage's answer
 *         VFSLOCK_LOST: granted too late, given back
 *         VFSLOCK_REENTRANT: called inside a stale or waiting handler
 *         VFSLOCK_NO_MEMORY, VFSLOCK_INTERNAL
 *
 * Threads: any; blocks for wait_ms and the time of the requests in flight.
 * Ownership: end *ret_lock with vfslock_lock_close() or vfslock_lock_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_acquire(
    vfslock_client *client, const char *uri, const vfslock_options *options, int64_t wait_ms, vfslock_cancel *cancel,
    vfslock_lock **ret_lock, vfslock_error **ret_err);

/**
 * Goes on with a detached tenure, in this or any other process or host. It is believed in only after a renewal of its
 * own. Two who resume one tenure do not make each other lose it; that only one of them works is theirs to see to.
 *
 * @param client      NULL is the default client
 * @param uri         as for vfslock_acquire()
 * @param lock_id     vfslock_lock_id() of the tenure
 * @param options     its TTL where one was set, else the tenure keeps its own; whether it is renewed in the background;
 *                    handlers. The rest belongs to the record. May be NULL
 * @param timeout_ms  1 or more; VFSLOCK_OWN_BOUND (-1): 10 s
 * @param cancel      may be NULL
 * @return VFSLOCK_OK
 *         VFSLOCK_LOST: another record stands there, which the error has, or none; VFSLOCK_NOT_HELD: it was released
 *         VFSLOCK_INVALID_ARGUMENT: also for a tenure that is not detached, which belongs to its process
 *         and what vfslock_lock_renew() and vfslock_acquire() return
 *
 * Threads: any; blocks at most timeout_ms.
 * Ownership: end *ret_lock with vfslock_lock_close() or vfslock_lock_free(), which leave the tenure.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_resume(
    vfslock_client *client, const char *uri, const char *lock_id, const vfslock_options *options, int64_t timeout_ms,
    vfslock_cancel *cancel, vfslock_lock **ret_lock, vfslock_error **ret_err);

/**
 * Takes the lock, calls the body, gives the lock back.
 *
 * @param client     NULL is the default client
 * @param uri        as for vfslock_acquire()
 * @param options    NULL is the defaults
 * @param wait_ms    as for vfslock_acquire()
 * @param cancel     of the wait; may be NULL
 * @param body       called once, on the calling thread, if the lock is had
 * @param user_data  given to it
 * @return VFSLOCK_OK: the body returned 0, and the lock was held until it was given back (or released by the body)
 *         VFSLOCK_CALLBACK_FAILED: the body returned another value, which vfslock_error_callback_value() is. It
 *           outranks whatever became of the lock
 *         VFSLOCK_LOST: the body returned 0, but the lock was lost before
 *         and what vfslock_acquire() and vfslock_lock_release() return
 *
 * Threads: any; blocks as vfslock_acquire(), the body, and vfslock_lock_release() do.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_with_lock(
    vfslock_client *client, const char *uri, const vfslock_options *options, int64_t wait_ms, vfslock_cancel *cancel,
    vfslock_body body, void *user_data, vfslock_error **ret_err);

/**
 * Gives the lock back and says how it went. From the call on the lock is not held, whatever is returned, but for
 * VFSLOCK_INVALID_ARGUMENT, VFSLOCK_REENTRANT and VFSLOCK_FORKED, which do nothing.
 *
 * @param timeout_ms  1 or more; VFSLOCK_OWN_BOUND (-1)
 * @param cancel      may be NULL
 * @return VFSLOCK_OK; VFSLOCK_LOST (it was lost before); VFSLOCK_NOT_HELD (it was released before)
 *         VFSLOCK_UNAVAILABLE, VFSLOCK_UNKNOWN_OUTCOME, VFSLOCK_CANCELLED: perhaps others still see it as held, at
 *           most for its TTL; the call may be repeated
 *         VFSLOCK_FORKED; VFSLOCK_REENTRANT (inside a stale or waiting handler); VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any; cancels a renewal in flight; blocks at most timeout_ms.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_lock_release(
    vfslock_lock *lock, int64_t timeout_ms, vfslock_cancel *cancel, vfslock_error **ret_err);

/**
 * Renews the lock now and may change its TTL.
 *
 * @param ttl_ms       as vfslock_options_set_ttl_ms(), within what the storage takes; VFSLOCK_TTL_SAME (-1) keeps it
 * @param timeout_ms   1 or more; VFSLOCK_OWN_BOUND (-1)
 * @param cancel       may be NULL
 * @param ret_left_ms  time left when the call returns, counted from the send; -1 where no time ends it; may be NULL
 * @return VFSLOCK_OK; VFSLOCK_LOST (final: acquire again); VFSLOCK_NOT_HELD (it was released)
 *         VFSLOCK_UNAVAILABLE, VFSLOCK_UNKNOWN_OUTCOME, VFSLOCK_CANCELLED and the storage's other answers: still
 *           held, for now
 *         VFSLOCK_FORKED; VFSLOCK_REENTRANT (inside a stale or waiting handler, or a handler of this lock);
 *         VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any; blocks at most timeout_ms.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_lock_renew(
    vfslock_lock *lock, int64_t ttl_ms, int64_t timeout_ms, vfslock_cancel *cancel, int64_t *ret_left_ms,
    vfslock_error **ret_err);

/**
 * Reads the record and says whether the lock is still held. Finds what only the storage knows: that the record was
 * removed or replaced from outside.
 *
 * @param timeout_ms   1 or more; VFSLOCK_OWN_BOUND (-1)
 * @param cancel       may be NULL
 * @param ret_left_ms  as in vfslock_lock_renew()
 * @return VFSLOCK_OK; VFSLOCK_LOST; VFSLOCK_NOT_HELD; VFSLOCK_SUSPECT (one renewal decides)
 *         VFSLOCK_UNAVAILABLE, VFSLOCK_CANCELLED and the storage's other answers: nothing was found out
 *         VFSLOCK_FORKED; VFSLOCK_REENTRANT (inside a stale or waiting handler); VFSLOCK_INVALID_ARGUMENT
 *
 * Threads: any; blocks at most timeout_ms.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_lock_check(
    vfslock_lock *lock, int64_t timeout_ms, vfslock_cancel *cancel, int64_t *ret_left_ms, vfslock_error **ret_err);

/**
 * One of VFSLOCK_STATE_*, without touching the storage. 0 for NULL.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_lock_state(const vfslock_lock *lock);

/**
 * 1 while the lock is held (VFSLOCK_STATE_OK), else 0. Does not touch the storage: no other holder can have the lock
 * while this says 1.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_lock_is_held(const vfslock_lock *lock);

/**
 * How long the lock is still held if nobody renews it: 0 when it is not held, -1 when no time ends it.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_lock_remaining_ms(const vfslock_lock *lock);

/**
 * The fencing token: grows from grant to grant. Give it to what the lock protects, to refuse late writers.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_lock_token(const vfslock_lock *lock);

/**
 * 1 if tokens order every two grants of this lock, 0 if they may repeat in grants that follow closely on a release.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_lock_token_is_strict(const vfslock_lock *lock);

/**
 * The tenure's id, 32 hex digits, as in the record.
 *
 * Threads: any; does not block. Ownership: borrowed from the lock.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_lock_id(const vfslock_lock *lock);

/**
 * The URI of what is locked, in its one canonical spelling; a relative path as it was given.
 *
 * Threads: any; does not block. Ownership: borrowed from the lock.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_lock_uri(const vfslock_lock *lock);

/**
 * What this lock's storage guarantees: one of VFSLOCK_GUARANTEE_*.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_lock_guarantee(const vfslock_lock *lock);

/**
 * Copies the lock's record as it was last written. It changes with each renewal.
 *
 * @return VFSLOCK_OK; VFSLOCK_FORKED; VFSLOCK_INVALID_ARGUMENT; VFSLOCK_NO_MEMORY
 *
 * Threads: any; does not block. Ownership: free *ret_record with vfslock_record_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_lock_record(
    const vfslock_lock *lock, vfslock_record **ret_record, vfslock_error **ret_err);

/**
 * Gives a descriptor for a child process that keeps the proof of life, so that the lock outlives a killed parent as
 * long as its child lives. Local disks only.
 *
 * @param ret_fd  a descriptor that exec(2) does not close; close it in the parent after the fork. -1 where the storage
 *                has no such thing
 * @return VFSLOCK_OK; VFSLOCK_LOST; VFSLOCK_NOT_HELD; VFSLOCK_FORKED; VFSLOCK_INVALID_ARGUMENT; VFSLOCK_UNAVAILABLE
 *         (no descriptor left); VFSLOCK_REENTRANT (inside a stale or waiting handler)
 *
 * Threads: any; waits for a renewal in flight. Ownership: the caller closes *ret_fd.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_lock_inherit(
    vfslock_lock *lock, int32_t *ret_fd, vfslock_error **ret_err);

/**
 * Releases the lock quietly if it is held, then frees it; a detached tenure stays. Waits for a running handler of this
 * lock, unless it is called inside one.
 *
 * @param timeout_ms  how long the release may take; VFSLOCK_OWN_BOUND (-1). What cannot be released in that time
 *                    expires by its TTL. Inside a stale or waiting handler nothing is released
 *
 * Threads: any; blocks at most timeout_ms and as long as a running handler.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_lock_close(vfslock_lock *lock, int64_t timeout_ms);

/**
 * Stops renewing and forgets the lock without touching its record, which expires by its TTL. On a local disk
 * and in memory the proof of life goes with it, so that the lock is free at once. Waits for a running handler of this lock, unless it
 * is called inside one.
 *
 * Threads: any; touches no storage.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_lock_free(vfslock_lock *lock);

/* ---------------------------------------------------------------------------------------------------------------
 * Event
 */

/**
 * The lock that the event is about; NULL in stale and waiting handlers, which run before there is one.
 *
 * Threads: the handler's. Ownership: as vfslock_acquire() gave it.  Since 0.1.
 */
VFSLOCK_API vfslock_lock *VFSLOCK_CALL vfslock_event_lock(const vfslock_event *event);

/**
 * The URI of what is locked or to be locked, in its canonical spelling.
 *
 * Threads: the handler's. Ownership: borrowed from the event.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_event_uri(const vfslock_event *event);

/**
 * Who holds the lock and what that means (stale, waiting); else NULL.
 *
 * Threads: the handler's. Ownership: borrowed from the event.  Since 0.1.
 */
VFSLOCK_API const vfslock_report *VFSLOCK_CALL vfslock_event_report(const vfslock_event *event);

/**
 * What went wrong (at risk, lost); else NULL.
 *
 * Threads: the handler's. Ownership: borrowed from the event.  Since 0.1.
 */
VFSLOCK_API const vfslock_error *VFSLOCK_CALL vfslock_event_error(const vfslock_event *event);

/**
 * A number by name; which there are is told at the setter of each handler.
 *
 * @return -1 for a name that this event does not have
 *
 * Threads: the handler's.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_event_number(const vfslock_event *event, const char *name);

/**
 * A text by name; which there are is told at the setter of each handler. Every event has "kind": "stale", "waiting",
 * "at_risk", "lost", "log" or "metric".
 *
 * @return NULL for a name that this event does not have
 *
 * Threads: the handler's. Ownership: borrowed from the event.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_event_text(const vfslock_event *event, const char *name);

/* ---------------------------------------------------------------------------------------------------------------
 * Record
 *
 * All of it was written by the holder: information for people, never a proof.
 */

/**
 * The holder's host; "" where the record does not say.
 *
 * Threads: any. Ownership: borrowed from the record.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_record_host(const vfslock_record *record);

/**
 * What the holder set by vfslock_options_set_owner_id(); "" where it set none.
 *
 * Threads: any. Ownership: borrowed from the record.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_record_owner_id(const vfslock_record *record);

/**
 * The id of the holder's tenure; "" in the record of another program.
 *
 * Threads: any. Ownership: borrowed from the record.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_record_lock_id(const vfslock_record *record);

/**
 * The whole record as it stands in the storage, JSON.
 *
 * Threads: any. Ownership: borrowed from the record.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_record_json(const vfslock_record *record);

/**
 * The holder's process id on its host, in its own namespace; 0 where the record does not say. Never signal it.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_record_pid(const vfslock_record *record);

/**
 * The holder's fencing token; 0 in the record of another program.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_record_token(const vfslock_record *record);

/**
 * When the tenure began, by the holder's wall clock: milliseconds since 1970.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_record_created_unix_ms(const vfslock_record *record);

/**
 * When it ends unless it is renewed, by the holder's wall clock: milliseconds since 1970; -1 when no time ends it.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_record_expires_unix_ms(const vfslock_record *record);

/**
 * How long ago the tenure began, by this host's wall clock now; never below 0.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int64_t VFSLOCK_CALL vfslock_record_age_ms(const vfslock_record *record);

/**
 * The value of an attribute; NULL where the record has none of that name.
 *
 * Threads: any. Ownership: borrowed from the record.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_record_attribute(const vfslock_record *record, const char *name);

/**
 * How many attributes the record has.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_record_attribute_count(const vfslock_record *record);

/**
 * The name of an attribute.
 *
 * @param index  0 … vfslock_record_attribute_count() - 1
 * @return NULL for any other index
 *
 * Threads: any. Ownership: borrowed from the record.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_record_attribute_name(const vfslock_record *record, int32_t index);

/**
 * Copies a record, for instance one that is borrowed from an error.
 *
 * @return VFSLOCK_OK; VFSLOCK_INVALID_ARGUMENT; VFSLOCK_NO_MEMORY
 *
 * Threads: any. Ownership: free *ret_record with vfslock_record_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_record_dup(
    const vfslock_record *record, vfslock_record **ret_record, vfslock_error **ret_err);

/**
 * Frees a record that came through `ret_record`.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_record_free(vfslock_record *record);

/* ---------------------------------------------------------------------------------------------------------------
 * Error
 */

/**
 * The status that the failed call returned; VFSLOCK_OK for NULL.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_error_status(const vfslock_error *error);

/**
 * One or two sentences for people: what was wrong and what would be right.
 *
 * Threads: any. Ownership: borrowed from the error.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_error_message(const vfslock_error *error);

/**
 * The URI that the call was about; "" where it was about none. Never holds a password.
 *
 * Threads: any. Ownership: borrowed from the error.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_error_uri(const vfslock_error *error);

/**
 * What was called: "acquire", "lock_renew", and so on: the function's name without its prefix.
 *
 * Threads: any. Ownership: borrowed from the error.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_error_operation(const vfslock_error *error);

/**
 * 1 if the same call may succeed when it is simply repeated, else 0.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_error_retryable(const vfslock_error *error);

/**
 * What the handler returned, for VFSLOCK_CALLBACK_FAILED; else 0.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_error_callback_value(const vfslock_error *error);

/**
 * The holder's record (VFSLOCK_HELD, VFSLOCK_TIMEOUT, and wherever one was seen); else NULL.
 *
 * Threads: any. Ownership: borrowed from the error.  Since 0.1.
 */
VFSLOCK_API const vfslock_record *VFSLOCK_CALL vfslock_error_record(const vfslock_error *error);

/**
 * A detail for programs: "errno", "http_status", "request_id".
 *
 * @return NULL where this error does not have it
 *
 * Threads: any. Ownership: borrowed from the error.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_error_detail(const vfslock_error *error, const char *field);

/**
 * Frees an error that came through `ret_err`.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_error_free(vfslock_error *error);

/* ---------------------------------------------------------------------------------------------------------------
 * Inspect and report
 */

/**
 * Looks at the lock of a file without taking it. A free lock is VFSLOCK_OK with VFSLOCK_REPORT_FREE.
 *
 * @param client      NULL is the default client
 * @param timeout_ms  1 or more; VFSLOCK_OWN_BOUND (-1): 10 s
 * @param cancel      may be NULL
 * @return VFSLOCK_OK; VFSLOCK_INVALID_URI; VFSLOCK_UNSUPPORTED; VFSLOCK_NOT_FOUND; VFSLOCK_REENTRANT (inside a stale or
 *         waiting handler); VFSLOCK_CANCELLED; VFSLOCK_INVALID_ARGUMENT and the storage's answers
 *
 * Threads: any; blocks at most timeout_ms. Ownership: free *ret_report with vfslock_report_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_inspect(
    vfslock_client *client, const char *uri, int64_t timeout_ms, vfslock_cancel *cancel, vfslock_report **ret_report,
    vfslock_error **ret_err);

/**
 * Looks at the lock as vfslock_inspect() does, and at its storage: tries on an object of another name, which is removed
 * again, whether conditional requests do what locks need; tells which endpoint, region and credentials were used and
 * where each setting comes from, but no secret; and gives the least permissions. All of it is in the report's JSON, in
 * the member "probe".
 *
 * @param client      NULL is the default client
 * @param timeout_ms  1 or more; VFSLOCK_OWN_BOUND (-1): 60 s
 * @param cancel      may be NULL
 * @return VFSLOCK_OK, also where the storage guarantees nothing (vfslock_report_guarantee() tells); the failures of
 *         vfslock_inspect(); VFSLOCK_PERMISSION_DENIED; VFSLOCK_UNAUTHENTICATED
 *
 * Threads: any; blocks at most timeout_ms. Ownership: free *ret_report with vfslock_report_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_probe(
    vfslock_client *client, const char *uri, int64_t timeout_ms, vfslock_cancel *cancel, vfslock_report **ret_report,
    vfslock_error **ret_err);

/**
 * The operator's override: ends a tenure, or what stands in its place, whoever holds it. The next may enter at once; a
 * holder that lives learns of it at its next renewal only, so make sure first that it does not work any more.
 *
 * @param client      NULL is the default client
 * @param uri         as for vfslock_acquire()
 * @param id          vfslock_report_id() of what is to be ended: nothing else is touched
 * @param timeout_ms  1 or more; VFSLOCK_OWN_BOUND (-1): 10 s
 * @param cancel      may be NULL
 * @return VFSLOCK_OK: a released record stands there now
 *         VFSLOCK_HELD: something else stands there, which the error has; nothing was touched
 *         VFSLOCK_NOT_FOUND: the lock is free, or a folder, bucket or container does not exist
 *         VFSLOCK_REENTRANT (inside a stale or waiting handler); VFSLOCK_CANCELLED; VFSLOCK_INVALID_ARGUMENT;
 *         VFSLOCK_UNKNOWN_OUTCOME and the storage's answers
 *
 * Threads: any; blocks at most timeout_ms.  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_break_lock(
    vfslock_client *client, const char *uri, const char *id, int64_t timeout_ms, vfslock_cancel *cancel,
    vfslock_error **ret_err);

/**
 * The URI of what is locked, in its canonical spelling.
 *
 * Threads: any. Ownership: borrowed from the report.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_report_uri(const vfslock_report *report);

/**
 * Names what stands there: the tenure's id, or "sha256-" and the hash of the bytes where they have no id. "" when
 * nothing is there.
 *
 * Threads: any. Ownership: borrowed from the report.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_report_id(const vfslock_report *report);

/**
 * Why the state is what it is, one sentence for people.
 *
 * Threads: any. Ownership: borrowed from the report.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_report_reason(const vfslock_report *report);

/**
 * All of it as one line of JSON: uri, state, reason, evidence, id, guarantee, guarantee_how, and where there is one
 * the record, age_ms and unchanged_ms. Bytes of a path that are no UTF-8 stand there as in a URI: %E9.
 *
 * Threads: any. Ownership: borrowed from the report.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_report_json(const vfslock_report *report);

/**
 * One of VFSLOCK_REPORT_*. 0 for NULL.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_report_state(const vfslock_report *report);

/**
 * What the storage guarantees: one of VFSLOCK_GUARANTEE_*.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_report_guarantee(const vfslock_report *report);

/**
 * The record that stands there; NULL when nothing is there or it cannot be read.
 *
 * Threads: any. Ownership: borrowed from the report.  Since 0.1.
 */
VFSLOCK_API const vfslock_record *VFSLOCK_CALL vfslock_report_record(const vfslock_report *report);

/**
 * Frees a report that came through `ret_report`.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_report_free(vfslock_report *report);

/* ---------------------------------------------------------------------------------------------------------------
 * List
 */

/**
 * Begins a list of the locks below a place, at any depth: "s3://bucket/in" lists those of s3://bucket/in/a and of
 * s3://bucket/in/2026/b, but not of s3://bucket/inbox. On disks it is a directory; symbolic links are not followed.
 *
 * @param client      NULL is the default client
 * @param prefix_uri  a path or a URI; a slash at its end changes nothing
 * @return VFSLOCK_OK; VFSLOCK_INVALID_URI; VFSLOCK_UNSUPPORTED; VFSLOCK_INVALID_ARGUMENT; VFSLOCK_NO_MEMORY
 *
 * Threads: any; touches no storage. Ownership: free *ret_list with vfslock_list_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_list_new(
    vfslock_client *client, const char *prefix_uri, vfslock_list **ret_list, vfslock_error **ret_err);

/**
 * Looks at the next lock, as vfslock_inspect() does. Everything counts whose name is a lock's: a file of another program
 * that happens to end in ".lock" is VFSLOCK_REPORT_CORRUPT here as it is for who wants that lock. What is taken or
 * released while the list is read may be in it or not.
 *
 * @param timeout_ms  1 or more; VFSLOCK_OWN_BOUND (-1): 10 s
 * @param cancel      may be NULL
 * @param ret_report  NULL at the end of the list, with VFSLOCK_OK
 * @return VFSLOCK_OK; a failure of vfslock_inspect(), where the error's URI tells of which lock; or one of the listing:
 *         VFSLOCK_NOT_FOUND, VFSLOCK_PERMISSION_DENIED, VFSLOCK_UNAVAILABLE. After either the next call goes on with what
 *         can be listed, to the end
 *
 * Threads: one at a time; blocks at most timeout_ms. Ownership: free *ret_report with vfslock_report_free().  Since 0.1.
 */
VFSLOCK_API vfslock_status VFSLOCK_CALL vfslock_list_next(
    vfslock_list *list, int64_t timeout_ms, vfslock_cancel *cancel, vfslock_report **ret_report, vfslock_error **ret_err);

/**
 * Frees a list. Reports that it gave stay.
 *
 * Threads: any; does not block.  Since 0.1.
 */
VFSLOCK_API void VFSLOCK_CALL vfslock_list_free(vfslock_list *list);

/* ---------------------------------------------------------------------------------------------------------------
 * The library
 */

/**
 * The library's version as a number, to compare with VFSLOCK_VERSION_NUMBER.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_version_number(void);

/**
 * The library's version, as in "0.1.0".
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_version_string(void);

/**
 * The schemes that this build serves, as in "file".
 *
 * @param index  0 and up
 * @return NULL after the last one
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_scheme_at(int32_t index);

/**
 * A status' name without its prefix, as in "HELD"; "UNKNOWN" for a code that this library does not know.
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_status_name(vfslock_status status);

/**
 * A status in one sentence for people.
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const char *VFSLOCK_CALL vfslock_status_message(vfslock_status status);

/**
 * A status' group, code / 100: 0 success; -1 others hold the lock; -2 what became of this tenure; -3 the caller's own
 * decision; -4 the call is wrong; -5 what the storage holds; -6 rights; -7 the storage cannot be reached; -8 the
 * storage cannot do it; -9 this process. Classifies codes that are newer than the caller.
 *
 * Threads: any.  Since 0.1.
 */
VFSLOCK_API int32_t VFSLOCK_CALL vfslock_status_group(vfslock_status status);

/* ---------------------------------------------------------------------------------------------------------------
 * The table of functions, for programs that load the library themselves
 */

/** Every function of this header. Grows at its end only: ask VFSLOCK_HAS(api, member) for members that are newer than
 *  the oldest library you support. */
typedef struct vfslock_api vfslock_api;

/* <generated: table> */
struct vfslock_api {
  int64_t size_bytes; /* of this table in the library */
  vfslock_status (VFSLOCK_CALL *client_new)(vfslock_client **ret_client, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *client_set)(vfslock_client *client, const char *key, const char *value,
      vfslock_error **ret_err);
  void (VFSLOCK_CALL *client_free)(vfslock_client *client);
  const vfslock_key *(VFSLOCK_CALL *key_next)(const vfslock_key *previous);
  const char *(VFSLOCK_CALL *key_name)(const vfslock_key *key);
  const char *(VFSLOCK_CALL *key_text)(const vfslock_key *key, const char *field);
  vfslock_status (VFSLOCK_CALL *options_new)(vfslock_options **ret_options, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_dup)(const vfslock_options *options, vfslock_options **ret_options,
      vfslock_error **ret_err);
  void (VFSLOCK_CALL *options_free)(vfslock_options *options);
  vfslock_status (VFSLOCK_CALL *options_set)(vfslock_options *options, const char *key, const char *value,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_ttl_ms)(vfslock_options *options, int64_t ttl_ms,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_owner_id)(vfslock_options *options, const char *owner_id,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_renewal)(vfslock_options *options, int32_t renewal,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_require)(vfslock_options *options, int32_t guarantee,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_keep_record)(vfslock_options *options, int32_t keep,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_on_stale)(vfslock_options *options, vfslock_handler handler, void *user_data,
      vfslock_destroy destroy, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_on_waiting)(vfslock_options *options, vfslock_handler handler,
      void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_on_at_risk)(vfslock_options *options, vfslock_handler handler,
      void *user_data, vfslock_destroy destroy, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_on_lost)(vfslock_options *options, vfslock_handler handler, void *user_data,
      vfslock_destroy destroy, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *cancel_new)(vfslock_cancel **ret_cancel, vfslock_error **ret_err);
  void (VFSLOCK_CALL *cancel_trigger)(vfslock_cancel *cancel);
  int32_t (VFSLOCK_CALL *cancel_is_triggered)(const vfslock_cancel *cancel);
  void (VFSLOCK_CALL *cancel_free)(vfslock_cancel *cancel);
  vfslock_status (VFSLOCK_CALL *acquire)(vfslock_client *client, const char *uri, const vfslock_options *options,
      int64_t wait_ms, vfslock_cancel *cancel, vfslock_lock **ret_lock, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *lock_release)(vfslock_lock *lock, int64_t timeout_ms, vfslock_cancel *cancel,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *lock_renew)(vfslock_lock *lock, int64_t ttl_ms, int64_t timeout_ms,
      vfslock_cancel *cancel, int64_t *ret_left_ms, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *lock_check)(vfslock_lock *lock, int64_t timeout_ms, vfslock_cancel *cancel,
      int64_t *ret_left_ms, vfslock_error **ret_err);
  int32_t (VFSLOCK_CALL *lock_state)(const vfslock_lock *lock);
  int32_t (VFSLOCK_CALL *lock_is_held)(const vfslock_lock *lock);
  int64_t (VFSLOCK_CALL *lock_remaining_ms)(const vfslock_lock *lock);
  int64_t (VFSLOCK_CALL *lock_token)(const vfslock_lock *lock);
  int32_t (VFSLOCK_CALL *lock_token_is_strict)(const vfslock_lock *lock);
  const char *(VFSLOCK_CALL *lock_id)(const vfslock_lock *lock);
  const char *(VFSLOCK_CALL *lock_uri)(const vfslock_lock *lock);
  int32_t (VFSLOCK_CALL *lock_guarantee)(const vfslock_lock *lock);
  vfslock_status (VFSLOCK_CALL *lock_record)(const vfslock_lock *lock, vfslock_record **ret_record,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *lock_inherit)(vfslock_lock *lock, int32_t *ret_fd, vfslock_error **ret_err);
  void (VFSLOCK_CALL *lock_close)(vfslock_lock *lock, int64_t timeout_ms);
  void (VFSLOCK_CALL *lock_free)(vfslock_lock *lock);
  vfslock_lock *(VFSLOCK_CALL *event_lock)(const vfslock_event *event);
  const char *(VFSLOCK_CALL *event_uri)(const vfslock_event *event);
  const vfslock_report *(VFSLOCK_CALL *event_report)(const vfslock_event *event);
  const vfslock_error *(VFSLOCK_CALL *event_error)(const vfslock_event *event);
  int64_t (VFSLOCK_CALL *event_number)(const vfslock_event *event, const char *name);
  const char *(VFSLOCK_CALL *event_text)(const vfslock_event *event, const char *name);
  const char *(VFSLOCK_CALL *record_host)(const vfslock_record *record);
  const char *(VFSLOCK_CALL *record_owner_id)(const vfslock_record *record);
  const char *(VFSLOCK_CALL *record_lock_id)(const vfslock_record *record);
  const char *(VFSLOCK_CALL *record_json)(const vfslock_record *record);
  int64_t (VFSLOCK_CALL *record_pid)(const vfslock_record *record);
  int64_t (VFSLOCK_CALL *record_token)(const vfslock_record *record);
  int64_t (VFSLOCK_CALL *record_created_unix_ms)(const vfslock_record *record);
  int64_t (VFSLOCK_CALL *record_expires_unix_ms)(const vfslock_record *record);
  int64_t (VFSLOCK_CALL *record_age_ms)(const vfslock_record *record);
  const char *(VFSLOCK_CALL *record_attribute)(const vfslock_record *record, const char *name);
  int32_t (VFSLOCK_CALL *record_attribute_count)(const vfslock_record *record);
  const char *(VFSLOCK_CALL *record_attribute_name)(const vfslock_record *record, int32_t index);
  vfslock_status (VFSLOCK_CALL *record_dup)(const vfslock_record *record, vfslock_record **ret_record,
      vfslock_error **ret_err);
  void (VFSLOCK_CALL *record_free)(vfslock_record *record);
  vfslock_status (VFSLOCK_CALL *error_status)(const vfslock_error *error);
  const char *(VFSLOCK_CALL *error_message)(const vfslock_error *error);
  const char *(VFSLOCK_CALL *error_uri)(const vfslock_error *error);
  const char *(VFSLOCK_CALL *error_operation)(const vfslock_error *error);
  int32_t (VFSLOCK_CALL *error_retryable)(const vfslock_error *error);
  int32_t (VFSLOCK_CALL *error_callback_value)(const vfslock_error *error);
  const vfslock_record *(VFSLOCK_CALL *error_record)(const vfslock_error *error);
  const char *(VFSLOCK_CALL *error_detail)(const vfslock_error *error, const char *field);
  void (VFSLOCK_CALL *error_free)(vfslock_error *error);
  vfslock_status (VFSLOCK_CALL *inspect)(vfslock_client *client, const char *uri, int64_t timeout_ms,
      vfslock_cancel *cancel, vfslock_report **ret_report, vfslock_error **ret_err);
  const char *(VFSLOCK_CALL *report_uri)(const vfslock_report *report);
  const char *(VFSLOCK_CALL *report_id)(const vfslock_report *report);
  const char *(VFSLOCK_CALL *report_reason)(const vfslock_report *report);
  const char *(VFSLOCK_CALL *report_json)(const vfslock_report *report);
  int32_t (VFSLOCK_CALL *report_state)(const vfslock_report *report);
  int32_t (VFSLOCK_CALL *report_guarantee)(const vfslock_report *report);
  const vfslock_record *(VFSLOCK_CALL *report_record)(const vfslock_report *report);
  void (VFSLOCK_CALL *report_free)(vfslock_report *report);
  int32_t (VFSLOCK_CALL *version_number)(void);
  const char *(VFSLOCK_CALL *version_string)(void);
  const char *(VFSLOCK_CALL *scheme_at)(int32_t index);
  const char *(VFSLOCK_CALL *status_name)(vfslock_status status);
  const char *(VFSLOCK_CALL *status_message)(vfslock_status status);
  int32_t (VFSLOCK_CALL *status_group)(vfslock_status status);
  const vfslock_api *(VFSLOCK_CALL *get_api)(int32_t abi);
  vfslock_status (VFSLOCK_CALL *probe)(vfslock_client *client, const char *uri, int64_t timeout_ms,
      vfslock_cancel *cancel, vfslock_report **ret_report, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_attribute)(vfslock_options *options, const char *name, const char *value,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_detached)(vfslock_options *options, int32_t detached,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *options_set_create_parents)(vfslock_options *options, int32_t create,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *resume)(vfslock_client *client, const char *uri, const char *lock_id,
      const vfslock_options *options, int64_t timeout_ms, vfslock_cancel *cancel, vfslock_lock **ret_lock,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *with_lock)(vfslock_client *client, const char *uri, const vfslock_options *options,
      int64_t wait_ms, vfslock_cancel *cancel, vfslock_body body, void *user_data, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *break_lock)(vfslock_client *client, const char *uri, const char *id,
      int64_t timeout_ms, vfslock_cancel *cancel, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *list_new)(vfslock_client *client, const char *prefix_uri, vfslock_list **ret_list,
      vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *list_next)(vfslock_list *list, int64_t timeout_ms, vfslock_cancel *cancel,
      vfslock_report **ret_report, vfslock_error **ret_err);
  void (VFSLOCK_CALL *list_free)(vfslock_list *list);
  vfslock_status (VFSLOCK_CALL *client_on_log)(vfslock_client *client, vfslock_handler handler, void *user_data,
      vfslock_destroy destroy, vfslock_error **ret_err);
  vfslock_status (VFSLOCK_CALL *client_on_metric)(vfslock_client *client, vfslock_handler handler, void *user_data,
      vfslock_destroy destroy, vfslock_error **ret_err);
};
/* </generated: table> */

/** Whether the library's table has this member: VFSLOCK_HAS(api, lock_renew). */
#define VFSLOCK_HAS(api, member) \
  ((int64_t)((const char *)(&(api)->member + 1) - (const char *)(api)) <= (api)->size_bytes)

/**
 * The table of all functions. A program that loads the library itself looks up this one symbol.
 *
 * @param abi  VFSLOCK_ABI
 * @return NULL for an ABI that this library does not have
 *
 * Threads: any. Ownership: constant.  Since 0.1.
 */
VFSLOCK_API const vfslock_api *VFSLOCK_CALL vfslock_get_api(int32_t abi);

#ifdef __cplusplus
}
#endif

#endif
