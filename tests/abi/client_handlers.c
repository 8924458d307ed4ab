/* Log and metric handlers that free what they are told of, and handlers that never return. */
#include "session.h"

typedef struct {
  vfslock_client *client;
  vfslock_lock *lock;
  vfslock_options *options;
  int armed, calls, destroyed, hold;
} probe;

static void count_destroy(void *user_data) { add_one(&((probe *)user_data)->destroyed); }

static vfslock_client *new_client(probe *its, vfslock_handler log, vfslock_handler metric) {
  assert_int_equal(api->client_new(&its->client, NULL), VFSLOCK_OK);
  if (log) assert_int_equal(api->client_on_log(its->client, log, its, count_destroy, NULL), VFSLOCK_OK);
  if (metric) assert_int_equal(api->client_on_metric(its->client, metric, its, count_destroy, NULL), VFSLOCK_OK);
  return its->client;
}

static int32_t free_all(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  (void)event;
  wait_for(&its->armed, 1);
  if (add_one(&its->calls) == 1) {
    api->lock_free(its->lock);
    api->client_free(its->client);
  }
  return 0;
}

static void a_client_and_its_lock_may_be_freed_inside_its_handlers(void **state) {
  int round;
  (void)state;
  for (round = 0; round < 2; round++) {
    const char *uri = fresh_uri();
    vfslock_options *options = new_options(30000, 1);
    probe its = {0};
    new_client(&its, round ? NULL : free_all, round ? free_all : NULL);
    assert_int_equal(api->acquire(its.client, uri, options, 0, NULL, &its.lock, NULL), VFSLOCK_OK);
    add_one(&its.armed);
    wait_for(&its.destroyed, 1); /* and no sooner than the last call ended */
    assert_true(value_of(&its.calls) >= 1);
    assert_int_equal(value_of(&its.destroyed), 1);
    api->options_free(options);
  }
}

/* What the call on this thread was made with. */
static int32_t free_what_acquires(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  (void)event;
  if (add_one(&its->calls) == 1) {
    api->client_free(its->client);
    api->options_free(its->options);
  }
  return 0; /* take it; wait on */
}

static void what_acquires_may_be_freed_while_it_decides(void **state) {
  int round;
  (void)state;
  for (round = 0; round < 2; round++) { /* stale, waiting */
    const char *uri = fresh_uri();
    vfslock_options *brief = new_options(50, 0);
    vfslock_lock *dead = must_acquire(uri, brief), *lock = NULL;
    probe its = {0};
    if (round == 0) wait_until_stale(uri);
    new_client(&its, NULL, NULL);
    its.options = new_options(1000, 1);
    assert_int_equal((round == 0 ? api->options_on_stale : api->options_on_waiting)(its.options, free_what_acquires, &its,
                                                                                    count_destroy, NULL), VFSLOCK_OK);
    assert_int_equal(api->acquire(its.client, uri, its.options, generous_ms, NULL, &lock, NULL), VFSLOCK_OK);
    assert_true(value_of(&its.calls) >= 1);
    assert_int_equal(value_of(&its.destroyed), 1);
    assert_true(is_renewed_by_itself(lock));
    assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
    api->lock_free(lock);
    api->lock_free(dead);
    api->options_free(brief);
  }
}

/* As long as the test wants: for ever, for who waits for it. */
static int32_t block(void *user_data, const vfslock_event *event) {
  probe *its = user_data;
  (void)event;
  add_one(&its->calls);
  while (value_of(&its->hold)) pause_ms(1);
  return 0;
}

static void a_handler_that_blocks_stops_no_renewal_and_no_free(void **state) {
  int round;
  (void)state;
  for (round = 0; round < 3; round++) { /* log, lost, metric */
    const char *uri = fresh_uri(), *lost_uri = fresh_uri();
    vfslock_options *options = new_options(1000, 1), *brief = new_options(5, 0);
    vfslock_lock *lock = NULL, *lost = NULL;
    vfslock_client *client;
    probe its = {0};
    its.hold = 1;
    client = new_client(&its, round == 0 ? block : NULL, round == 2 ? block : NULL);
    if (round == 1) {
      assert_int_equal(api->options_on_lost(brief, block, &its, count_destroy, NULL), VFSLOCK_OK);
      while (api->acquire(client, lost_uri, brief, 0, NULL, &lost, NULL) == VFSLOCK_LOST) continue;
    }
    assert_int_equal(api->acquire(client, uri, options, 0, NULL, &lock, NULL), VFSLOCK_OK);
    wait_for(&its.calls, 1);
    assert_true(is_renewed_by_itself(lock));
    assert_int_equal(api->lock_check(lock, -1, NULL, NULL, NULL), VFSLOCK_OK);
    api->client_free(client); /* it returns though the handler does not */
    assert_int_equal(value_of(&its.destroyed), 0);
    assert_int_equal(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_OK);
    assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
    api->lock_free(lock);
    __atomic_store_n(&its.hold, 0, __ATOMIC_SEQ_CST);
    if (lost) api->lock_free(lost);
    api->options_free(brief);
    wait_for(&its.destroyed, 1);
    api->options_free(options);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_client_and_its_lock_may_be_freed_inside_its_handlers),
      cmocka_unit_test(what_acquires_may_be_freed_while_it_decides),
      cmocka_unit_test(a_handler_that_blocks_stops_no_renewal_and_no_free),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
