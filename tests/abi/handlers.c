/* What handlers are promised: their thread, their order, how often, what they may call, what their values mean. */
#include "abi.h"

#include <pthread.h>
#include <string.h>

typedef struct {
  int calls;
  int destroyed;
  int32_t answer;
  int wrong; /* counts what a handler saw and should not have */
  int hold;  /* while 1 the handler does not return */
  pthread_t thread;
  const char *uri;
  char seen[200];
} probe;

static void count_destroy(void *user_data) { add_one(&((probe *)user_data)->destroyed); }

static void note(probe *its, int fine, const char *what) {
  if (!fine) {
    add_one(&its->wrong);
    print_error("in the handler: %s\n", what);
  }
}
#define NOTE(condition) note(its, (condition), #condition)

/* A lock whose only lease is over at once, so that its lost handler is called. */
static vfslock_lock *short_lived(const char *uri, vfslock_handler handler, probe *its) {
  vfslock_options *options = new_options(5, 0);
  vfslock_lock *lock;
  assert_int_equal(api->options_on_lost(options, handler, its, count_destroy, NULL), VFSLOCK_OK);
  lock = must_acquire(uri, options);
  api->options_free(options);
  return lock;
}

/* -- stale ---------------------------------------------------------------------------------------------------- */

static int32_t on_stale(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  vfslock_lock *lock = NULL;
  vfslock_report *report = NULL;
  vfslock_options *options = NULL;
  its->thread = pthread_self();
  NOTE(strcmp(api->event_text(event, "kind"), "stale") == 0);
  NOTE(strcmp(api->event_text(event, "evidence"), "unchanged") == 0);
  NOTE(api->event_text(event, "reason") == NULL);
  NOTE(strcmp(api->event_uri(event), its->uri) == 0);
  NOTE(api->event_lock(event) == NULL);
  NOTE(api->event_error(event) == NULL);
  NOTE(api->report_state(api->event_report(event)) == VFSLOCK_REPORT_STALE);
  NOTE(strcmp(api->record_owner_id(api->report_record(api->event_report(event))), "dead") == 0);
  NOTE(api->event_number(event, "age_ms") >= 0);
  NOTE(api->event_number(event, "unchanged_ms") >= 1);
  NOTE(api->event_number(event, "waited_ms") == -1);
  NOTE(api->acquire(NULL, fresh_uri(), NULL, 0, NULL, &lock, NULL) == VFSLOCK_REENTRANT);
  NOTE(api->inspect(NULL, its->uri, -1, NULL, &report, NULL) == VFSLOCK_REENTRANT);
  NOTE(lock == NULL && report == NULL);
  NOTE(api->options_new(&options, NULL) == VFSLOCK_OK); /* what touches no storage is allowed */
  api->options_free(options);
  add_one(&its->calls);
  return its->answer;
}

static void the_stale_handlers_answer_decides(void **state) {
  static const struct {
    int32_t answer;
    vfslock_status tried;
  } cases[] = {{0, VFSLOCK_OK},          {1, VFSLOCK_HELD},           {2, VFSLOCK_VETOED},
               {3, VFSLOCK_CALLBACK_FAILED}, {-7, VFSLOCK_CALLBACK_FAILED}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof cases / sizeof *cases; i++) {
    probe its;
    vfslock_options *dead = new_options(1, 0), *options = new_options(30000, 1);
    vfslock_lock *lock = NULL, *old;
    vfslock_error *error = NULL;
    vfslock_status status;
    memset(&its, 0, sizeof its);
    its.uri = fresh_uri();
    its.answer = cases[i].answer;
    assert_int_equal(api->options_set_owner_id(dead, "dead", NULL), VFSLOCK_OK);
    assert_int_equal(api->options_on_stale(options, on_stale, &its, count_destroy, NULL), VFSLOCK_OK);
    old = must_acquire(its.uri, dead);
    wait_until_stale(its.uri);
    status = api->acquire(NULL, its.uri, options, VFSLOCK_NO_WAIT, NULL, &lock, &error);
    assert_int_equal(status, cases[i].tried);
    assert_int_equal(its.calls, 1);
    assert_int_equal(its.wrong, 0);
    assert_true(pthread_equal(its.thread, pthread_self()));
    if (status != VFSLOCK_OK) {
      assert_int_equal(api->error_callback_value(error), status == VFSLOCK_CALLBACK_FAILED ? cases[i].answer : 0);
      assert_string_equal(api->record_owner_id(api->error_record(error)), "dead");
      api->error_free(error);
    }
    api->lock_close(lock, -1);
    api->lock_free(old);
    assert_int_equal(its.destroyed, 0);
    api->options_free(options);
    assert_int_equal(its.destroyed, 1);
    api->options_free(dead);
  }
}

static int32_t use_an_outer_lock(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  vfslock_lock *outer = *(vfslock_lock **)(void *)its->seen;
  int32_t fd = 0;
  int64_t left;
  (void)event;
  NOTE(api->lock_renew(outer, -1, -1, NULL, &left, NULL) == VFSLOCK_REENTRANT);
  NOTE(api->lock_check(outer, -1, NULL, &left, NULL) == VFSLOCK_REENTRANT);
  NOTE(api->lock_release(outer, -1, NULL, NULL) == VFSLOCK_REENTRANT);
  NOTE(api->lock_inherit(outer, &fd, NULL) == VFSLOCK_REENTRANT);
  NOTE(api->lock_is_held(outer) == 1);
  add_one(&its->calls);
  return 0;
}

static void nothing_that_touches_a_storage_is_allowed_while_deciding(void **state) {
  probe its;
  const char *uri = fresh_uri();
  vfslock_options *dead = new_options(1, 0), *options = new_options(30000, 1);
  vfslock_lock *outer = must_acquire(fresh_uri(), NULL), *lock = NULL, *old = must_acquire(uri, dead);
  (void)state;
  memset(&its, 0, sizeof its);
  memcpy(its.seen, &outer, sizeof outer);
  assert_int_equal(api->options_on_stale(options, use_an_outer_lock, &its, NULL, NULL), VFSLOCK_OK);
  wait_until_stale(uri);
  assert_int_equal(api->acquire(NULL, uri, options, 0, NULL, &lock, NULL), VFSLOCK_OK);
  assert_int_equal(its.calls, 1);
  assert_int_equal(its.wrong, 0);
  assert_int_equal(api->lock_renew(outer, -1, -1, NULL, NULL, NULL), VFSLOCK_OK);
  api->lock_close(outer, -1);
  api->lock_close(lock, -1);
  api->lock_free(old);
  api->options_free(options);
  api->options_free(dead);
}

/* -- waiting -------------------------------------------------------------------------------------------------- */

static int32_t on_waiting(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  vfslock_report *report = NULL;
  NOTE(strcmp(api->event_text(event, "kind"), "waiting") == 0);
  NOTE(api->report_state(api->event_report(event)) == VFSLOCK_REPORT_HELD);
  NOTE(api->event_number(event, "waited_ms") >= 0);
  NOTE(api->inspect(NULL, its->uri, -1, NULL, &report, NULL) == VFSLOCK_REENTRANT);
  its->thread = pthread_self();
  return add_one(&its->calls) >= 3 ? its->answer : 0;
}

static void the_waiting_handler_may_end_the_wait(void **state) {
  static const struct {
    int32_t answer;
    vfslock_status status;
  } cases[] = {{1, VFSLOCK_CANCELLED}, {-3, VFSLOCK_CALLBACK_FAILED}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof cases / sizeof *cases; i++) {
    probe its;
    vfslock_options *options = new_options(30000, 1);
    vfslock_lock *holder, *lock = NULL;
    vfslock_error *error = NULL;
    memset(&its, 0, sizeof its);
    its.uri = fresh_uri();
    its.answer = cases[i].answer;
    holder = must_acquire(its.uri, NULL);
    assert_int_equal(api->options_on_waiting(options, on_waiting, &its, NULL, NULL), VFSLOCK_OK);
    assert_int_equal(api->acquire(NULL, its.uri, options, VFSLOCK_WAIT_FOREVER, NULL, &lock, &error), cases[i].status);
    assert_int_equal(its.calls, 3);
    assert_int_equal(its.wrong, 0);
    assert_true(pthread_equal(its.thread, pthread_self()));
    assert_int_equal(api->error_callback_value(error), cases[i].answer < 0 ? cases[i].answer : 0);
    assert_string_equal(api->record_lock_id(api->error_record(error)), api->lock_id(holder));
    api->error_free(error);
    api->lock_close(holder, -1);
    api->options_free(options);
  }
}

/* -- lost ----------------------------------------------------------------------------------------------------- */

static int32_t on_lost(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  vfslock_lock *lock = api->event_lock(event);
  int64_t left = 42;
  its->thread = pthread_self();
  NOTE(strcmp(api->event_text(event, "kind"), "lost") == 0);
  NOTE(strcmp(api->event_text(event, "reason"), "expired") == 0);
  NOTE(strcmp(api->event_uri(event), its->uri) == 0);
  NOTE(strcmp(api->lock_uri(lock), its->uri) == 0);
  NOTE(api->event_report(event) == NULL);
  NOTE(api->error_status(api->event_error(event)) == VFSLOCK_LOST);
  NOTE(strlen(api->error_message(api->event_error(event))) > 10);
  NOTE(api->lock_state(lock) == VFSLOCK_STATE_LOST);
  NOTE(api->lock_is_held(lock) == 0);
  NOTE(api->lock_renew(lock, -1, -1, NULL, &left, NULL) == VFSLOCK_REENTRANT);
  NOTE(left == 42);
  NOTE(api->lock_check(lock, -1, NULL, NULL, NULL) == VFSLOCK_LOST);
  add_one(&its->calls);
  while (value_of(&its->hold)) pause_ms(1);
  return 17; /* means nothing */
}

static void a_loss_is_told_once_on_a_thread_of_the_library(void **state) {
  probe its;
  vfslock_lock *lock;
  vfslock_error *error = NULL;
  int i;
  (void)state;
  memset(&its, 0, sizeof its);
  its.uri = fresh_uri();
  lock = short_lived(its.uri, on_lost, &its);
  wait_for(&its.calls, 1);
  assert_false(pthread_equal(its.thread, pthread_self()));
  for (i = 0; i < 20; i++) {
    assert_int_equal(api->lock_state(lock), VFSLOCK_STATE_LOST);
    assert_int_equal(api->lock_renew(lock, -1, -1, NULL, NULL, NULL), VFSLOCK_LOST);
    assert_int_equal(api->lock_check(lock, -1, NULL, NULL, NULL), VFSLOCK_LOST);
    pause_ms(1);
  }
  assert_int_equal(api->lock_release(lock, -1, NULL, &error), VFSLOCK_LOST);
  assert_int_equal(api->lock_state(lock), VFSLOCK_STATE_LOST);
  api->error_free(error);
  api->lock_close(lock, -1);
  assert_int_equal(value_of(&its.calls), 1);
  assert_int_equal(value_of(&its.wrong), 0);
  wait_for(&its.destroyed, 1);
}

static void a_handler_that_blocks_delays_only_its_own_lock(void **state) {
  enum { others = 12 };
  probe slow, its[others];
  vfslock_lock *lock, *locks[others];
  char uris[others][64];
  int i;
  (void)state;
  memset(&slow, 0, sizeof slow);
  memset(its, 0, sizeof its);
  slow.uri = "mem://test/slow";
  slow.hold = 1;
  lock = short_lived(slow.uri, on_lost, &slow);
  wait_for(&slow.calls, 1);
  for (i = 0; i < others; i++) { /* each blocks, too */
    snprintf(uris[i], sizeof uris[i], "mem://test/other-%d", i);
    its[i].uri = uris[i];
    its[i].hold = 1;
    locks[i] = short_lived(uris[i], on_lost, &its[i]);
  }
  for (i = 0; i < others; i++) wait_for(&its[i].calls, 1);
  for (i = 0; i < others; i++) {
    __atomic_store_n(&its[i].hold, 0, __ATOMIC_SEQ_CST);
    api->lock_free(locks[i]);
    assert_int_equal(value_of(&its[i].calls), 1);
    assert_int_equal(value_of(&its[i].wrong), 0);
    wait_for(&its[i].destroyed, 1);
  }
  assert_int_equal(value_of(&slow.destroyed), 0);
  __atomic_store_n(&slow.hold, 0, __ATOMIC_SEQ_CST);
  api->lock_free(lock);
  assert_int_equal(value_of(&slow.wrong), 0);
  wait_for(&slow.destroyed, 1);
}

static void *release_the_handler(void *user_data) {
  probe *its = user_data;
  vfslock_options *options = new_options(30000, 1);
  vfslock_lock *lock = NULL;
  int i;
  assert_int_equal(api->options_set(options, "steal", "dead", NULL), VFSLOCK_OK);
  for (i = 0; i < 30; i++) { /* who waits for the handler keeps its proof of life */
    note(its, api->acquire(NULL, its->uri, options, 0, NULL, &lock, NULL) == VFSLOCK_HELD, "not dead yet");
    pause_ms(1);
  }
  api->options_free(options);
  __atomic_store_n(&its->hold, 0, __ATOMIC_SEQ_CST);
  return NULL;
}

static void free_and_close_wait_for_a_running_handler(void **state) {
  int round;
  (void)state;
  for (round = 0; round < 2; round++) {
    probe its;
    vfslock_lock *lock;
    pthread_t other;
    memset(&its, 0, sizeof its);
    its.uri = fresh_uri();
    its.hold = 1;
    lock = short_lived(its.uri, on_lost, &its);
    wait_for(&its.calls, 1);
    assert_int_equal(pthread_create(&other, NULL, release_the_handler, &its), 0);
    if (round == 0) api->lock_free(lock);
    else api->lock_close(lock, -1);
    assert_int_equal(value_of(&its.hold), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(its.wrong, 0);
    lock = must_acquire(its.uri, NULL); /* and lets it go then */
    api->lock_close(lock, -1);
    wait_for(&its.destroyed, 1);
  }
}

static int32_t end_inside(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  vfslock_lock *lock = api->event_lock(event);
  char id[40];
  if (its->answer == 0) api->lock_free(lock);
  else api->lock_close(lock, -1);
  /* Until the handler returns all of it is still there. */
  snprintf(id, sizeof id, "%s", api->lock_id(lock));
  NOTE(strlen(id) == 32);
  NOTE(api->lock_state(lock) == VFSLOCK_STATE_LOST);
  NOTE(api->error_status(api->event_error(event)) == VFSLOCK_LOST);
  NOTE(value_of(&its->destroyed) == 0);
  add_one(&its->calls);
  return 0;
}

static void a_lock_may_be_ended_inside_its_own_handler(void **state) {
  int round;
  (void)state;
  for (round = 0; round < 2; round++) {
    probe its;
    memset(&its, 0, sizeof its);
    its.uri = fresh_uri();
    its.answer = round;
    short_lived(its.uri, end_inside, &its);
    wait_for(&its.destroyed, 1);
    assert_int_equal(its.calls, 1);
    assert_int_equal(its.wrong, 0);
  }
}

static int32_t use_another_lock(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  vfslock_lock *other = NULL;
  vfslock_report *report = NULL;
  int64_t left = 0;
  (void)event;
  NOTE(api->inspect(NULL, its->uri, -1, NULL, &report, NULL) == VFSLOCK_OK);
  api->report_free(report);
  NOTE(api->acquire(NULL, "mem://test/inside a handler", NULL, generous_ms, NULL, &other, NULL) == VFSLOCK_OK);
  NOTE(api->lock_renew(other, -1, -1, NULL, &left, NULL) == VFSLOCK_OK);
  NOTE(api->lock_release(other, -1, NULL, NULL) == VFSLOCK_OK);
  api->lock_free(other);
  add_one(&its->calls);
  return 0;
}

static void a_lost_handler_may_use_other_locks(void **state) {
  probe its;
  vfslock_lock *lock;
  (void)state;
  memset(&its, 0, sizeof its);
  its.uri = fresh_uri();
  lock = short_lived(its.uri, use_another_lock, &its);
  wait_for(&its.calls, 1);
  api->lock_close(lock, -1);
  assert_int_equal(its.wrong, 0);
}

static void copies_of_options_share_their_handlers(void **state) {
  probe its;
  vfslock_options *options = new_options(30000, 1), *copy = NULL;
  vfslock_lock *lock;
  (void)state;
  memset(&its, 0, sizeof its);
  assert_int_equal(api->options_on_lost(options, on_lost, &its, count_destroy, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_dup(options, &copy, NULL), VFSLOCK_OK);
  api->options_free(options);
  assert_int_equal(its.destroyed, 0);
  lock = must_acquire(fresh_uri(), copy);
  api->options_free(copy);
  assert_int_equal(its.destroyed, 0);
  api->lock_close(lock, -1);
  assert_int_equal(its.destroyed, 1);
  assert_int_equal(its.calls, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_stale_handlers_answer_decides),
      cmocka_unit_test(nothing_that_touches_a_storage_is_allowed_while_deciding),
      cmocka_unit_test(the_waiting_handler_may_end_the_wait),
      cmocka_unit_test(a_loss_is_told_once_on_a_thread_of_the_library),
      cmocka_unit_test(a_handler_that_blocks_delays_only_its_own_lock),
      cmocka_unit_test(free_and_close_wait_for_a_running_handler),
      cmocka_unit_test(a_lock_may_be_ended_inside_its_own_handler),
      cmocka_unit_test(a_lost_handler_may_use_other_locks),
      cmocka_unit_test(copies_of_options_share_their_handlers),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
