/* A system that gives no thread: nothing is half held, and nothing of others is given back. */
#include "abi.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* From here on no stack of a thread fits into this process any more. */
static int no_more_threads(void) {
  struct rlimit limit;
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%lu", &pages) != 1) return -1;
  fclose(file);
  limit.rlim_cur = limit.rlim_max = pages * (unsigned long)sysconf(_SC_PAGESIZE) + 256 * 1024;
  return setrlimit(RLIMIT_AS, &limit);
}

static int acquire_without_threads(void *unused) {
  const char *uri = fresh_uri();
  vfslock_lock *lock = NULL;
  vfslock_report *report = NULL;
  (void)unused;
  if (api->inspect(NULL, uri, -1, NULL, &report, NULL) != VFSLOCK_OK) return 1; /* what is made once is made */
  api->report_free(report);
  if (no_more_threads() != 0) return 2;
  if (api->acquire(NULL, uri, NULL, 0, NULL, &lock, NULL) != VFSLOCK_UNAVAILABLE) return 3;
  if (api->inspect(NULL, uri, -1, NULL, &report, NULL) != VFSLOCK_OK) return 4;
  return api->report_state(report) == VFSLOCK_REPORT_FREE ? 0 : 5;
}

static int resume_without_threads(void *unused) {
  const char *uri = fresh_uri();
  vfslock_options *options = new_options(60000, 0);
  vfslock_lock *lock = NULL, *again = NULL;
  (void)unused;
  if (api->options_set_detached(options, 1, NULL) != VFSLOCK_OK) return 1;
  lock = must_acquire(uri, options);
  if (no_more_threads() != 0) return 2;
  /* With renewal, which needs a thread; the tenure was not begun by this call. */
  if (api->resume(NULL, uri, api->lock_id(lock), NULL, -1, NULL, &again, NULL) != VFSLOCK_UNAVAILABLE) return 3;
  if (api->resume(NULL, uri, api->lock_id(lock), options, -1, NULL, &again, NULL) != VFSLOCK_OK) return 4;
  return api->lock_is_held(again) ? 0 : 5;
}

static void an_acquired_lock_is_given_back(void **state) {
  (void)state;
  assert_int_equal(in_child(acquire_without_threads, NULL), 0);
}

static void a_resumed_one_is_left(void **state) {
  (void)state;
  assert_int_equal(in_child(resume_without_threads, NULL), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_acquired_lock_is_given_back),
      cmocka_unit_test(a_resumed_one_is_left),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
