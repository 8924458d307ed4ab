/* F33: processes that end while the library is at work, and libraries that are loaded and dropped again. */
#include "abi.h"

#include <dlfcn.h>
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

static int be_busy_and_end(void *how) {
  static int blocked;
  vfslock_options *options = new_options(1000, 1), *lost = new_options(5, 0);
  vfslock_lock *first = NULL;
  int i;
  alarm(generous_ms / 1000); /* a process that hangs is ended, and the test is red */
  if (api->options_on_lost(lost, block, &blocked, NULL, NULL) != VFSLOCK_OK) return 1;
  for (i = 0; i < 200; i++) {
    char uri[64];
    vfslock_lock *lock = NULL;
    snprintf(uri, sizeof uri, "mem://end/%d", i);
    if (api->acquire(NULL, uri, options, 0, NULL, &lock, NULL) != VFSLOCK_OK) return 2;
    if (i == 0) first = lock;
  }
  (void)must_acquire("mem://end/lost", lost);
  wait_for(&blocked, 1);
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
  raise(SIGTERM);
  return 4;
}

/* A whole program each time: this one, run again. */
static const char *self;
static int run_again(const char *how) {
  int status = 0;
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1); /* it ends with all its locks, on purpose */
    execl(self, self, how, (char *)NULL);
    _exit(127);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_process_may_end_while_its_locks_are_renewed(void **state) {
  int i;
  (void)state;
  for (i = 0; i < 3; i++) {
    assert_int_equal(run_again("exit"), 42);
    assert_int_equal(run_again("return"), 42);
    assert_int_equal(run_again("term"), 128 + SIGTERM);
  }
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

int main(int count, char **arguments) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_process_may_end_while_its_locks_are_renewed),
      cmocka_unit_test(a_library_may_be_loaded_and_dropped_again),
  };
  self = arguments[0];
  if (count > 1) {
    if (load_library(NULL) != 0) return 1;
    return be_busy_and_end(arguments[1]);
  }
  return cmocka_run_group_tests(tests, load_library, NULL);
}
