/* Waits: their end by time, by cancellation, by a signal handler; who frees a cancel in use. */
#include "abi.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

typedef struct {
  const char *uri;
  vfslock_cancel *cancel;
  int waiting;
  int64_t wait_ms;
  vfslock_status status;
  vfslock_lock *lock;
  int done;
} waiter;

static int32_t on_waiting(void *user_data, const vfslock_event *event) {
  (void)event;
  add_one(&((waiter *)user_data)->waiting);
  return 0;
}

static void *wait_for_it(void *argument) {
  waiter *its = argument;
  vfslock_options *options = new_options(30000, 1);
  assert_int_equal(api->options_on_waiting(options, on_waiting, its, NULL, NULL), VFSLOCK_OK);
  its->status = api->acquire(NULL, its->uri, options, its->wait_ms, its->cancel, &its->lock, NULL);
  api->options_free(options);
  add_one(&its->done);
  return NULL;
}

static void start(waiter *its, pthread_t *thread, const char *uri) {
  memset(its, 0, sizeof *its);
  its->uri = uri;
  its->wait_ms = VFSLOCK_WAIT_FOREVER;
  assert_int_equal(api->cancel_new(&its->cancel, NULL), VFSLOCK_OK);
  assert_int_equal(pthread_create(thread, NULL, wait_for_it, its), 0);
  wait_for(&its->waiting, 1);
}

static void a_wait_ends_when_it_is_cancelled(void **state) {
  vfslock_lock *holder = must_acquire("mem://cancel/a", NULL);
  waiter its;
  pthread_t thread;
  (void)state;
  start(&its, &thread, "mem://cancel/a");
  assert_int_equal(api->cancel_is_triggered(its.cancel), 0);
  api->cancel_trigger(its.cancel);
  assert_int_equal(api->cancel_is_triggered(its.cancel), 1);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(its.status, VFSLOCK_CANCELLED);
  assert_null(its.lock);
  /* It stays triggered, also for what did not wait. */
  assert_int_equal(api->acquire(NULL, "mem://cancel/b", NULL, VFSLOCK_NO_WAIT, its.cancel, &its.lock, NULL), VFSLOCK_CANCELLED);
  api->cancel_free(its.cancel);
  api->lock_close(holder, -1);
}

static vfslock_cancel *to_trigger;
static void on_alarm(int signal) {
  (void)signal;
  api->cancel_trigger(to_trigger);
}

static void a_signal_handler_may_cancel(void **state) {
  vfslock_lock *holder = must_acquire("mem://cancel/c", NULL), *lock = NULL;
  struct sigaction action, old;
  struct itimerval timer;
  (void)state;
  memset(&action, 0, sizeof action);
  memset(&timer, 0, sizeof timer);
  action.sa_handler = on_alarm;
  assert_int_equal(api->cancel_new(&to_trigger, NULL), VFSLOCK_OK);
  assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
  timer.it_value.tv_usec = 20000;
  assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
  assert_int_equal(api->acquire(NULL, "mem://cancel/c", NULL, VFSLOCK_WAIT_FOREVER, to_trigger, &lock, NULL), VFSLOCK_CANCELLED);
  assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
  api->cancel_free(to_trigger);
  api->lock_close(holder, -1);
}

static void a_cancel_may_be_freed_while_a_call_uses_it(void **state) {
  vfslock_lock *holder = must_acquire("mem://cancel/d", NULL);
  waiter its;
  pthread_t thread;
  (void)state;
  start(&its, &thread, "mem://cancel/d");
  api->cancel_free(its.cancel);
  wait_for(&its.waiting, 2); /* it still waits */
  api->lock_close(holder, -1);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(its.status, VFSLOCK_OK);
  api->lock_close(its.lock, -1);
}

static void a_release_wakes_who_waits(void **state) {
  vfslock_lock *holder = must_acquire("mem://cancel/e", NULL);
  waiter its[8];
  pthread_t threads[8];
  int i, j, waited = 0;
  (void)state;
  for (i = 0; i < 8; i++) start(&its[i], &threads[i], "mem://cancel/e");
  api->lock_close(holder, -1);
  for (i = 0, j = 0; i < 8; j = (j + 1) % 8) { /* one after the other gets it; who has it gives it on */
    if (value_of(&its[j].done) != 1) {
      assert_true(++waited < generous_ms);
      pause_ms(1);
      continue;
    }
    assert_int_equal(pthread_join(threads[j], NULL), 0);
    assert_int_equal(its[j].status, VFSLOCK_OK);
    api->lock_close(its[j].lock, -1);
    api->cancel_free(its[j].cancel);
    its[j].done = 2;
    i++;
  }
}

static void a_wait_has_an_end(void **state) {
  vfslock_lock *holder = must_acquire("mem://cancel/f", NULL), *lock = NULL;
  vfslock_error *error = NULL;
  (void)state;
  assert_int_equal(api->acquire(NULL, "mem://cancel/f", NULL, 30, NULL, &lock, &error), VFSLOCK_TIMEOUT);
  assert_int_equal(api->status_group(api->error_status(error)), api->status_group(VFSLOCK_HELD));
  api->error_free(error);
  api->lock_close(holder, -1);
}

static void other_calls_are_cancelled_too(void **state) {
  vfslock_lock *lock = must_acquire("mem://cancel/g", NULL);
  vfslock_cancel *cancel = NULL;
  vfslock_report *report = NULL;
  (void)state;
  assert_int_equal(api->cancel_new(&cancel, NULL), VFSLOCK_OK);
  api->cancel_trigger(cancel);
  api->cancel_trigger(cancel);
  assert_int_equal(api->lock_renew(lock, -1, -1, cancel, NULL, NULL), VFSLOCK_CANCELLED);
  assert_int_equal(api->lock_check(lock, -1, cancel, NULL, NULL), VFSLOCK_CANCELLED);
  assert_int_equal(api->lock_is_held(lock), 1);
  assert_int_equal(api->inspect(NULL, "mem://cancel/g", -1, cancel, &report, NULL), VFSLOCK_CANCELLED);
  assert_int_equal(api->lock_release(lock, -1, cancel, NULL), VFSLOCK_CANCELLED);
  assert_int_equal(api->lock_is_held(lock), 0);
  assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK); /* may be repeated */
  api->lock_free(lock);
  api->cancel_free(cancel);
}

typedef struct {
  vfslock_cancel *cancel;
  int calls, delay;
} canceller;

static int32_t cancel_inside(void *user_data, const vfslock_event *event) {
  canceller *its = user_data;
  (void)event;
  api->cancel_trigger(its->cancel);
  add_one(&its->calls);
  return 0;
}

static void a_stale_handler_may_cancel_its_own_call(void **state) {
  const char *uri = fresh_uri();
  vfslock_options *brief = new_options(5, 0), *options = new_options(30000, 1);
  vfslock_lock *stale = must_acquire(uri, brief), *lock = NULL;
  vfslock_report *report = NULL;
  canceller its = {NULL, 0, 0};
  (void)state;
  wait_until_stale(uri);
  assert_int_equal(api->cancel_new(&its.cancel, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_on_stale(options, cancel_inside, &its, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, uri, options, VFSLOCK_WAIT_FOREVER, its.cancel, &lock, NULL), VFSLOCK_CANCELLED);
  assert_int_equal(its.calls, 1);
  assert_null(lock);
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_STALE); /* nothing was taken */
  api->report_free(report);
  api->lock_free(stale);
  api->lock_close(must_acquire(uri, NULL), -1);
  api->cancel_free(its.cancel);
  api->options_free(brief);
  api->options_free(options);
}

/* Begins a little later in each round. */
static void *trigger_again_and_again(void *argument) {
  canceller *its = argument;
  volatile int spin;
  add_one(&its->calls);
  while (value_of(&its->calls) < 2) continue;
  for (spin = 0; spin < its->delay; spin = spin + 1) continue;
  do api->cancel_trigger(its->cancel);
  while (value_of(&its->calls) < 3);
  return NULL;
}

static void at_any_moment_it_is_one_or_the_other(void **state) {
  const char *uri = fresh_uri();
  int i, taken = 0;
  (void)state;
  for (i = 0; i < 200; i++) {
    canceller its = {NULL, 0, 0};
    vfslock_lock *lock = NULL;
    vfslock_status status;
    pthread_t thread;
    assert_int_equal(api->cancel_new(&its.cancel, NULL), VFSLOCK_OK);
    its.delay = i * 500;
    assert_int_equal(pthread_create(&thread, NULL, trigger_again_and_again, &its), 0);
    wait_for(&its.calls, 1);
    add_one(&its.calls);
    status = api->acquire(NULL, uri, NULL, VFSLOCK_WAIT_FOREVER, its.cancel, &lock, NULL);
    add_one(&its.calls);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(status == VFSLOCK_OK || status == VFSLOCK_CANCELLED);
    assert_int_equal(lock != NULL, status == VFSLOCK_OK);
    if (lock) {
      taken++;
      assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
      api->lock_free(lock);
    }
    api->cancel_free(its.cancel);
    api->lock_close(must_acquire(uri, NULL), -1); /* and nothing is left held */
  }
  print_message("%d of 200 calls came before their cancellation\n", taken);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_wait_ends_when_it_is_cancelled),
      cmocka_unit_test(a_signal_handler_may_cancel),
      cmocka_unit_test(a_cancel_may_be_freed_while_a_call_uses_it),
      cmocka_unit_test(a_release_wakes_who_waits),
      cmocka_unit_test(a_wait_has_an_end),
      cmocka_unit_test(a_stale_handler_may_cancel_its_own_call),
      cmocka_unit_test(at_any_moment_it_is_one_or_the_other),
      cmocka_unit_test(other_calls_are_cancelled_too),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
