/* NULL for each pointer of each function: refused where it has no meaning, and then no output is touched. */
#include "abi.h"

#include <stdio.h>
#include <string.h>

/* One valid argument of each kind. Outputs begin with a mark. */
static char mark;
static struct {
  const char *uri;
  vfslock_client *client;
  vfslock_options *options;
  vfslock_cancel *cancel;
  vfslock_lock *lock;
  vfslock_record *record;
  vfslock_error *error;
  vfslock_report *report;
  const vfslock_key *key;
  const vfslock_event *event;
  vfslock_list *list;
  char detached_uri[64];
  char detached_id[64];
  vfslock_client *ret_client;
  vfslock_options *ret_options;
  vfslock_cancel *ret_cancel;
  vfslock_lock *ret_lock;
  vfslock_record *ret_record;
  vfslock_report *ret_report;
  vfslock_list *ret_list;
  vfslock_error *ret_err;
  int64_t ret_left_ms;
  int32_t ret_fd;
  int destroyed;
} world, before;

static int32_t world_handler(void *user_data, const vfslock_event *event) {
  (void)user_data;
  (void)event;
  return 0;
}

static int32_t world_body(void *user_data, vfslock_lock *lock) {
  (void)user_data;
  return lock ? 0 : 1;
}

static void world_destroy(void *user_data) {
  if (user_data) world.destroyed++;
}

static void expect_status(const char *what, vfslock_status got, vfslock_status wanted, int can_tell) {
  if (got != wanted) fail_msg("%s: %s", what, api->status_name(got));
  if (got == VFSLOCK_OK) return;
  if (can_tell) {
    assert_ptr_not_equal(world.ret_err, &mark);
    assert_int_equal(api->error_status(world.ret_err), got);
    if (!strstr(api->error_message(world.ret_err), "must not be NULL")) fail_msg("%s: %s", what, api->error_message(world.ret_err));
    if (!strstr(what, api->error_operation(world.ret_err))) fail_msg("%s: told as %s", what, api->error_operation(world.ret_err));
    api->error_free(world.ret_err);
  }
  world.ret_err = before.ret_err;
  world.destroyed = 0;
  if (memcmp(&world, &before, sizeof world) != 0) fail_msg("%s: an output was touched", what);
}

static void expect_null(const char *what, const void *got) {
  if (got) fail_msg("%s: not NULL", what);
}

static void expect_number(const char *what, int64_t got, int64_t wanted) {
  if (got != wanted) fail_msg("%s: %lld", what, (long long)got);
}

#include "null_calls.inc"

static void *untouched(void) { return &mark; }

static void set_up(void) {
  vfslock_lock *other = NULL;
  vfslock_options *detached = NULL;
  memset(&world, 0, sizeof world);
  world.uri = fresh_uri();
  world.lock = must_acquire(fresh_uri(), NULL);
  assert_int_equal(api->client_new(&world.client, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_new(&world.options, NULL), VFSLOCK_OK);
  assert_int_equal(api->cancel_new(&world.cancel, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_record(world.lock, &world.record, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, api->lock_uri(world.lock), NULL, 0, NULL, &other, &world.error), VFSLOCK_HELD);
  assert_int_equal(api->inspect(NULL, world.uri, -1, NULL, &world.report, NULL), VFSLOCK_OK);
  assert_int_equal(api->list_new(NULL, world.uri, &world.list, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_new(&detached, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_set_detached(detached, 1, NULL), VFSLOCK_OK);
  snprintf(world.detached_uri, sizeof world.detached_uri, "%s", fresh_uri());
  other = must_acquire(world.detached_uri, detached);
  snprintf(world.detached_id, sizeof world.detached_id, "%s", api->lock_id(other));
  api->lock_free(other);
  api->options_free(detached);
  world.key = api->key_next(NULL);
  world.ret_client = untouched();
  world.ret_options = untouched();
  world.ret_cancel = untouched();
  world.ret_lock = untouched();
  world.ret_record = untouched();
  world.ret_report = untouched();
  world.ret_list = untouched();
  world.ret_err = untouched();
  world.ret_left_ms = 42;
  world.ret_fd = 42;
  memcpy(&before, &world, sizeof world);
}

static void tear_down(void) {
  if (world.ret_client != untouched()) api->client_free(world.ret_client);
  if (world.ret_options != untouched()) api->options_free(world.ret_options);
  if (world.ret_cancel != untouched()) api->cancel_free(world.ret_cancel);
  if (world.ret_lock != untouched()) api->lock_close(world.ret_lock, -1);
  if (world.ret_record != untouched()) api->record_free(world.ret_record);
  if (world.ret_report != untouched()) api->report_free(world.ret_report);
  if (world.ret_list != untouched()) api->list_free(world.ret_list);
  api->list_free(world.list);
  api->report_free(world.report);
  api->error_free(world.error);
  api->record_free(world.record);
  api->lock_close(world.lock, -1);
  api->cancel_free(world.cancel);
  api->options_free(world.options);
  api->client_free(world.client);
}

static void null_for_each_pointer(void **state) {
  size_t i;
  (void)state;
  assert_true(sizeof null_calls / sizeof *null_calls > 100);
  for (i = 0; i < sizeof null_calls / sizeof *null_calls; i++) {
    set_up();
    null_calls[i]();
    tear_down();
  }
}

static void destroy_is_called_once_also_when_the_setter_fails(void **state) {
  int calls = 0;
  (void)state;
  set_up();
  world.destroyed = 0;
  assert_int_equal(api->options_on_lost(NULL, world_handler, &calls, world_destroy, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(world.destroyed, 1);
  world.destroyed = 0;
  assert_int_equal(api->options_on_lost(world.options, world_handler, &calls, world_destroy, NULL), VFSLOCK_OK);
  assert_int_equal(world.destroyed, 0);
  assert_int_equal(api->options_on_lost(world.options, world_handler, &calls, world_destroy, NULL), VFSLOCK_OK);
  assert_int_equal(world.destroyed, 1);
  api->options_free(world.options);
  assert_int_equal(world.destroyed, 2);
  world.options = NULL;
  tear_down();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(null_for_each_pointer),
      cmocka_unit_test(destroy_is_called_once_also_when_the_setter_fails),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
