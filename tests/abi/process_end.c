/* F33: processes that end while the library is at work, and libraries that are loaded and dropped again. */
#include "abi.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process in the middle of renewals, with handlers: ends by the way named. */
static int32_t block(void *user_data, const vfslock_event *event) {
  (void)event;
  for (add_one((int *)user_data);; pause_ms(1000))
    if (!user_data) return 0;
}

static void *renew_for_ever(void *lock) {
  while (api->lock_renew(lock, -1, -1, NULL, NULL, NULL) != VFSLOCK_LOST) continue;
  return NULL;
}

static void *wait_for_ever(void *folder) {
  char uri[64];
  vfslock_lock *lock = NULL;
  snprintf(uri, sizeof uri, "%s/0", (const char *)folder);
  (void)api->acquire(NULL, uri, NULL, VFSLOCK_WAIT_FOREVER, NULL, &lock, NULL);
  return NULL;
}

static int deciding;
static void *judge_for_ever(void *unused) {
  vfslock_options *brief = new_options(5, 0), *judge = new_options(1000, 1);
  vfslock_lock *lock = NULL;
  (void)unused;
  (void)must_acquire("mem://end/stale", brief);
  wait_until_stale("mem://end/stale");
  if (api->options_on_stale(judge, block, &deciding, NULL, NULL) == VFSLOCK_OK)
    (void)api->acquire(NULL, "mem://end/stale", judge, VFSLOCK_WAIT_FOREVER, NULL, &lock, NULL);
  return NULL;
}

/* The whole interface may still be used when the program ends. */
static const char *ending_in;
static void lock_at_exit(void) {
  char uri[64];
  vfslock_options *options = NULL;
  vfslock_lock *lock = NULL;
  int i;
  if (!ending_in) return;
  for (i = 0; i < 2; ++i) {
    snprintf(uri, sizeof uri, i ? "mem://%s/at-exit" : "%s/at-exit", ending_in);
    if (api->options_new(&options, NULL) != VFSLOCK_OK) _exit(50);
    if (api->acquire(NULL, uri, options, 0, NULL, &lock, NULL) != VFSLOCK_OK) _exit(51);
    if (api->lock_renew(lock, -1, -1, NULL, NULL, NULL) != VFSLOCK_OK || !api->lock_is_held(lock)) _exit(52);
    if (api->lock_release(lock, -1, NULL, NULL) != VFSLOCK_OK) _exit(53);
    api->lock_free(lock);
    api->options_free(options);
  }
}

static int be_busy_and_end(const char *how, const char *folder) {
  static int blocked;
  vfslock_options *options = new_options(1000, 1), *lost = new_options(5, 0);
  vfslock_lock *first = NULL;
  pthread_t renewing;
  int i;
  alarm(generous_ms / 1000); /* a process that hangs is ended, and the test is red */
  if (api->options_on_lost(lost, block, &blocked, NULL, NULL) != VFSLOCK_OK) return 1;
  for (i = 0; i < 200; i++) {
    char uri[64];
    vfslock_lock *lock = NULL;
    snprintf(uri, sizeof uri, i % 2 ? "mem://%s/%d" : "%s/%d", folder, i);
    if (api->acquire(NULL, uri, options, 0, NULL, &lock, NULL) != VFSLOCK_OK) return 2;
    if (i == 0) first = lock;
    /* In the middle of it whenever the process ends: in the storage, in the hash of a record. */
    if (i < 4 && pthread_create(&renewing, NULL, renew_for_ever, lock) != 0) return 5;
  }
  (void)must_acquire("mem://end/lost", lost);
  if (pthread_create(&renewing, NULL, wait_for_ever, (void *)folder) != 0) return 6;
  if (pthread_create(&renewing, NULL, judge_for_ever, NULL) != 0) return 7;
  wait_for(&blocked, 1);
  wait_for(&deciding, 1);
  for (;;) {
    vfslock_record *record = NULL;
    int renewed;
    if (api->lock_record(first, &record, NULL) != VFSLOCK_OK) return 3;
    renewed = strstr(api->record_json(record), "\"seq\":\"1\"") == NULL;
    api->record_free(record);
    if (renewed) break;
    pause_ms(1);
  }
  if (strcmp(how, "exit") == 0) exit(42);
  if (strcmp(how, "return") == 0) return 42;
  if (strcmp(how, "_exit") == 0) _exit(42);
  if (strcmp(how, "quick_exit") == 0) quick_exit(42);
  if (strcmp(how, "atexit") == 0) {
    ending_in = folder;
    if (atexit(lock_at_exit) != 0) return 8;
    exit(42);
  }
  if (strcmp(how, "first atexit") == 0) { /* registered before the library was loaded: comes after its own */
    ending_in = folder;
    exit(42);
  }
  raise(SIGTERM);
  return 4;
}

/* A whole program each time: this one, run again. */
static const char *self;
static int run_again(const char *how, const char *folder) {
  int status = 0;
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1); /* it ends with all its locks, on purpose */
    execl(self, self, how, folder, (char *)NULL);
    _exit(127);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_process_may_end_while_its_locks_are_renewed(void **state) {
  char folder[] = "end-test.XXXXXX", uri[64];
  int i;
  (void)state;
  assert_non_null(mkdtemp(folder));
  for (i = 0; i < 5; i++) {
    assert_int_equal(run_again("exit", folder), 42);
    assert_int_equal(run_again("return", folder), 42);
    assert_int_equal(run_again("term", folder), 128 + SIGTERM);
  }
  assert_int_equal(run_again("_exit", folder), 42);
  assert_int_equal(run_again("quick_exit", folder), 42);
  assert_int_equal(run_again("atexit", folder), 42);
  assert_int_equal(run_again("first atexit", folder), 42);
  for (i = 0; i < 200; i += 2) { /* its death freed them all */
    snprintf(uri, sizeof uri, "%s/%d", folder, i);
    api->lock_close(must_acquire(uri, NULL), -1);
  }
  assert_int_equal(rmdir(folder), 0);
}

static void a_library_may_be_loaded_and_dropped_again(void **state) {
  int i;
  (void)state;
  for (i = 0; i < 50; i++) {
    void *again = dlopen(getenv("VFSLOCK_SO"), RTLD_NOW | RTLD_LOCAL);
    const vfslock_api *(*get_api)(int32_t) = NULL;
    vfslock_options *options = new_options(1000, 1);
    vfslock_lock *lock = NULL;
    assert_non_null(again);
    *(void **)&get_api = dlsym(again, "vfslock_get_api");
    assert_int_equal(get_api(VFSLOCK_ABI)->acquire(NULL, "mem://end/again", options, 0, NULL, &lock, NULL), VFSLOCK_OK);
    assert_int_equal(dlclose(again), 0);
    if (i == 0) assert_int_equal(dlclose(library), 0); /* the last one: its threads still run */
    api->lock_close(lock, -1);
    api->options_free(options);
  }
  library = dlopen(getenv("VFSLOCK_SO"), RTLD_NOW | RTLD_LOCAL);
  assert_non_null(library);
}

static int32_t note_reason(void *user_data, const vfslock_event *event) {
  if (strcmp(api->event_text(event, "reason"), "disowned") == 0) add_one((int *)user_data);
  else add_one((int *)user_data + 1);
  return 0;
}

static int close_all_and_wait(const char *folder) {
  static int told[2]; /* as disowned, as anything else */
  vfslock_options *options = new_options(1000, 1);
  vfslock_lock *locks[20];
  char uri[160];
  int i;
  if (api->options_on_lost(options, note_reason, told, NULL, NULL) != VFSLOCK_OK) return 1;
  for (i = 0; i < 20; i++) {
    snprintf(uri, sizeof uri, "%s/%d", folder, i);
    locks[i] = must_acquire(uri, options);
  }
  alarm(generous_ms / 1000);
  for (i = 3; i < 4096; i++) close(i);
  /* The numbers are used again, by files that no lock may write into. */
  for (i = 3; i < 1200; i++)
    if (open("/dev/null", O_RDWR) < 0) break;
  wait_for(told, 20);
  if (told[1] != 0) return 2;
  for (i = 0; i < 20; i++) {
    if (api->lock_state(locks[i]) != VFSLOCK_STATE_LOST) return 3;
    api->lock_close(locks[i], -1);
  }
  return told[0] == 20 ? 0 : 4;
}

static void a_program_that_closes_all_descriptors_loses_its_local_locks_and_is_told(void **state) {
  char folder[] = "close-test.XXXXXX", uri[160];
  int i;
  (void)state;
  assert_non_null(mkdtemp(folder));
  assert_int_equal(run_again("close", folder), 0);
  for (i = 0; i < 20; i++) {
    snprintf(uri, sizeof uri, "%s/%d", folder, i);
    api->lock_close(must_acquire(uri, NULL), -1);
  }
  assert_int_equal(rmdir(folder), 0);
}

int main(int count, char **arguments) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_process_may_end_while_its_locks_are_renewed),
      cmocka_unit_test(a_library_may_be_loaded_and_dropped_again),
      cmocka_unit_test(a_program_that_closes_all_descriptors_loses_its_local_locks_and_is_told),
  };
  self = arguments[0];
  if (count > 2) {
    if (atexit(lock_at_exit) != 0 || load_library(NULL) != 0) return 1;
    return strcmp(arguments[1], "close") == 0 ? close_all_and_wait(arguments[2]) : be_busy_and_end(arguments[1], arguments[2]);
  }
  return cmocka_run_group_tests(tests, load_library, NULL);
}
