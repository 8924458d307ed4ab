/* with_lock, list, log and metric handlers. */
#include "abi.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static vfslock_options *brief(void) { return new_options(1000, 0); }

/* ---- with_lock ---- */

struct work {
  int calls;
  int32_t value;
  int releases, outlives;
};

static int32_t work(void *user_data, vfslock_lock *lock) {
  struct work *its = user_data;
  its->calls++;
  assert_true(api->lock_is_held(lock));
  assert_int_equal(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_OK); /* it is no handler */
  if (its->releases) assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
  if (its->outlives)
    while (api->lock_is_held(lock)) pause_ms(5);
  return its->value;
}

static void the_body_runs_once_under_the_lock(void **state) {
  struct work its = {0};
  const char *uri = fresh_uri();
  vfslock_lock *after;
  (void)state;
  assert_int_equal(api->with_lock(NULL, uri, NULL, VFSLOCK_NO_WAIT, NULL, work, &its, NULL), VFSLOCK_OK);
  assert_int_equal(its.calls, 1);
  after = must_acquire(uri, NULL);
  its.calls = 0;
  assert_int_equal(api->with_lock(NULL, uri, NULL, VFSLOCK_NO_WAIT, NULL, work, &its, NULL), VFSLOCK_HELD);
  assert_int_equal(its.calls, 0);
  api->lock_close(after, -1);
}

static void the_bodys_failure_travels_through_and_outranks_all(void **state) {
  struct work its = {0};
  const char *uri = fresh_uri();
  vfslock_error *error = NULL;
  vfslock_options *options = brief();
  (void)state;
  its.value = 17;
  its.outlives = 1;
  assert_int_equal(api->with_lock(NULL, uri, options, VFSLOCK_NO_WAIT, NULL, work, &its, &error), VFSLOCK_CALLBACK_FAILED);
  assert_int_equal(api->error_callback_value(error), 17);
  assert_string_equal(api->error_operation(error), "with_lock");
  api->error_free(error);
  api->lock_close(must_acquire(uri, NULL), -1); /* and nothing is left held */
  api->options_free(options);
}

static void a_lock_lost_under_the_body_is_told(void **state) {
  struct work its = {0};
  vfslock_options *options = brief();
  (void)state;
  its.outlives = 1;
  assert_int_equal(api->with_lock(NULL, fresh_uri(), options, VFSLOCK_NO_WAIT, NULL, work, &its, NULL), VFSLOCK_LOST);
  api->options_free(options);
}

static void the_body_may_release(void **state) {
  struct work its = {0};
  (void)state;
  its.releases = 1;
  assert_int_equal(api->with_lock(NULL, fresh_uri(), NULL, VFSLOCK_NO_WAIT, NULL, work, &its, NULL), VFSLOCK_OK);
}

/* ---- list ---- */

static void list_is(const char *prefix, const char *const *wanted, int count) {
  vfslock_list *list = NULL;
  int seen = 0;
  assert_int_equal(api->list_new(NULL, prefix, &list, NULL), VFSLOCK_OK);
  for (;;) {
    vfslock_report *report = NULL;
    assert_int_equal(api->list_next(list, -1, NULL, &report, NULL), VFSLOCK_OK);
    if (!report) break;
    assert_true(seen < count);
    assert_string_equal(api->report_uri(report), wanted[seen++]);
    assert_int_equal(api->report_state(report), VFSLOCK_REPORT_HELD);
    api->report_free(report);
  }
  assert_int_equal(seen, count);
  api->list_free(list);
}

static void a_list_has_what_is_locked_below_whole_segments(void **state) {
  const char *const all[] = {"mem://list/in/a", "mem://list/in/b/c", "mem://list/inbox"};
  vfslock_lock *locks[3];
  int i;
  (void)state;
  for (i = 0; i < 3; i++) locks[i] = must_acquire(all[i], NULL);
  list_is("mem://list/in", all, 2);
  list_is("mem://list/in/", all, 2);
  list_is("mem://list/in/b", all + 1, 1);
  list_is("mem://list/", all, 3);
  list_is("mem://list", all, 3);
  list_is("mem://list/nothing", all, 0);
  for (i = 0; i < 3; i++) api->lock_close(locks[i], -1);
  list_is("mem://list", all, 0);
}

static void a_list_of_directories_goes_into_those_below(void **state) {
  static char folder[] = "/tmp/vfslock-list-XXXXXX";
  char uris[3][64], missing[64];
  const char *wanted[3];
  vfslock_lock *locks[3];
  vfslock_list *list = NULL;
  vfslock_report *report = NULL;
  vfslock_error *error = NULL;
  vfslock_options *options = new_options(30000, 0);
  int i;
  (void)state;
  assert_non_null(mkdtemp(folder));
  assert_int_equal(api->options_set_create_parents(options, 1, NULL), VFSLOCK_OK);
  snprintf(uris[0], 64, "%s/a", folder);
  snprintf(uris[1], 64, "%s/b", folder);
  snprintf(uris[2], 64, "%s/a.d/c", folder);
  for (i = 0; i < 3; i++) {
    locks[i] = must_acquire(uris[i], options);
    wanted[i] = api->lock_uri(locks[i]);
  }
  list_is(folder, wanted, 3);
  for (i = 0; i < 3; i++) api->lock_close(locks[i], -1);

  snprintf(missing, sizeof missing, "%s/missing", folder);
  assert_int_equal(api->list_new(NULL, missing, &list, NULL), VFSLOCK_OK);
  assert_int_equal(api->list_next(list, -1, NULL, &report, &error), VFSLOCK_NOT_FOUND);
  assert_non_null(strstr(api->error_message(error), missing));
  api->error_free(error);
  assert_int_equal(api->list_next(list, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_null(report);
  api->list_free(list);
  api->options_free(options);
  remove_tree(folder);
}

/* ---- log and metric handlers ---- */

static atomic_int logs, metrics, requests, warnings, destroyed;

static int32_t on_log(void *user_data, const vfslock_event *event) {
  vfslock_report *report = NULL;
  (void)user_data;
  assert_string_equal(api->event_text(event, "kind"), "log");
  assert_non_null(api->event_text(event, "message"));
  assert_int_equal(api->event_number(event, "dropped"), 0);
  if (!strcmp(api->event_text(event, "operation"), "request")) requests++;
  if (!strcmp(api->event_text(event, "level"), "warning")) warnings++;
  assert_int_equal(api->inspect(NULL, "mem://log/other", -1, NULL, &report, NULL), VFSLOCK_REENTRANT);
  logs++;
  return 0;
}

static int32_t on_metric(void *user_data, const vfslock_event *event) {
  (void)user_data;
  assert_string_equal(api->event_text(event, "kind"), "metric");
  assert_true(api->event_number(event, "duration_us") >= 0);
  assert_non_null(api->event_text(event, "outcome"));
  metrics++;
  return 0;
}

static void count_destroyed(void *user_data) {
  (void)user_data;
  destroyed++;
}

static void a_client_tells_what_it_does(void **state) {
  vfslock_client *client = NULL;
  vfslock_lock *lock = NULL;
  vfslock_options *options = brief();
  (void)state;
  assert_int_equal(api->client_on_log(NULL, on_log, &logs, count_destroyed, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(destroyed, 1);
  assert_int_equal(api->client_new(&client, NULL), VFSLOCK_OK);
  assert_int_equal(api->client_on_log(client, on_log, &logs, count_destroyed, NULL), VFSLOCK_OK);
  assert_int_equal(api->client_on_metric(client, on_metric, &logs, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(client, fresh_uri(), options, 0, NULL, &lock, NULL), VFSLOCK_OK);
  assert_int_equal(api->client_on_log(client, on_log, &logs, count_destroyed, NULL), VFSLOCK_INVALID_ARGUMENT);
  while (api->lock_is_held(lock)) pause_ms(5);
  while (warnings == 0) pause_ms(5); /* that it was lost */
  api->lock_close(lock, -1);
  api->client_free(client); /* all of it has been told */
  assert_true(requests >= 2);
  assert_true(logs > requests);
  assert_int_equal(logs, metrics);
  api->options_free(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_body_runs_once_under_the_lock),
      cmocka_unit_test(the_bodys_failure_travels_through_and_outranks_all),
      cmocka_unit_test(a_lock_lost_under_the_body_is_told),
      cmocka_unit_test(the_body_may_release),
      cmocka_unit_test(a_list_has_what_is_locked_below_whole_segments),
      cmocka_unit_test(a_list_of_directories_goes_into_those_below),
      cmocka_unit_test(a_client_tells_what_it_does),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
