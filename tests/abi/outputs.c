/* Outputs on success and on failure, errors and what they carry, records and reports. */
#include "abi.h"

#include <string.h>

static char mark;

static void held_is_an_error_with_the_holders_record(void **state) {
  const char *uri = fresh_uri();
  vfslock_options *options = new_options(30000, 1);
  vfslock_lock *lock, *other = (vfslock_lock *)&mark;
  vfslock_error *error = NULL;
  const vfslock_record *record;
  (void)state;
  assert_int_equal(api->options_set_owner_id(options, "job-7", NULL), VFSLOCK_OK);
  lock = must_acquire(uri, options);
  assert_int_equal(api->acquire(NULL, uri, NULL, VFSLOCK_NO_WAIT, NULL, &other, &error), VFSLOCK_HELD);
  assert_ptr_equal(other, &mark);
  assert_int_equal(api->error_status(error), VFSLOCK_HELD);
  assert_string_equal(api->error_operation(error), "acquire");
  assert_string_equal(api->error_uri(error), uri);
  assert_int_equal(api->error_retryable(error), 1);
  assert_int_equal(api->error_callback_value(error), 0);
  assert_null(api->error_detail(error, "errno"));
  record = api->error_record(error);
  assert_string_equal(api->record_owner_id(record), "job-7");
  assert_string_equal(api->record_lock_id(record), api->lock_id(lock));
  assert_true(api->record_token(record) == api->lock_token(lock));
  assert_true(strlen(api->record_host(record)) > 0);
  assert_true(api->record_pid(record) > 0);
  assert_true(api->record_age_ms(record) >= 0 && api->record_age_ms(record) < generous_ms);
  assert_true(api->record_expires_unix_ms(record) - api->record_created_unix_ms(record) >= 30000);
  assert_int_equal(api->record_attribute_count(record), 0);
  assert_null(api->record_attribute_name(record, 0));
  assert_null(api->record_attribute(record, "job"));
  assert_non_null(strstr(api->record_json(record), "\"ownerId\":\"job-7\""));
  api->error_free(error);

  error = NULL;
  assert_int_equal(api->acquire(NULL, uri, NULL, 20, NULL, &other, &error), VFSLOCK_TIMEOUT);
  assert_string_equal(api->record_owner_id(api->error_record(error)), "job-7");
  api->error_free(error);
  api->lock_close(lock, -1);
  api->options_free(options);
}

static void nothing_is_written_to_ret_err_on_success(void **state) {
  vfslock_lock *lock = NULL;
  vfslock_error *error = (vfslock_error *)&mark;
  int64_t left = 42;
  (void)state;
  assert_int_equal(api->acquire(NULL, fresh_uri(), NULL, 0, NULL, &lock, &error), VFSLOCK_OK);
  assert_int_equal(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, &left, &error), VFSLOCK_OK);
  assert_true(left > 0 && left <= 30000);
  left = 42;
  assert_int_equal(api->lock_check(lock, -1, NULL, &left, &error), VFSLOCK_OK);
  assert_true(left > 42 && left <= 30000);
  assert_int_equal(api->lock_release(lock, -1, NULL, &error), VFSLOCK_OK);
  assert_ptr_equal(error, &mark);
  api->lock_close(lock, -1);
}

static void a_failed_call_leaves_its_output(void **state) {
  vfslock_lock *lock = must_acquire(fresh_uri(), NULL);
  int64_t left = 42;
  int32_t fd = 42;
  (void)state;
  assert_int_equal(api->lock_renew(lock, -2, -1, NULL, &left, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->lock_renew(lock, 86400001, -1, NULL, &left, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->lock_renew(lock, 500, -1, NULL, &left, NULL), VFSLOCK_INVALID_ARGUMENT); /* the keeper could not */
  assert_int_equal(api->lock_renew(lock, 30000, 0, NULL, &left, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->lock_check(lock, -2, NULL, &left, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_NOT_HELD);
  assert_int_equal(api->lock_renew(lock, 30000, -1, NULL, &left, NULL), VFSLOCK_NOT_HELD);
  assert_int_equal(api->lock_check(lock, -1, NULL, &left, NULL), VFSLOCK_NOT_HELD);
  assert_int_equal(api->lock_inherit(lock, &fd, NULL), VFSLOCK_NOT_HELD);
  assert_int_equal(left, 42);
  assert_int_equal(fd, 42);
  api->lock_free(lock);
}

static void getters_of_a_lock(void **state) {
  const char *uri = fresh_uri();
  vfslock_options *options = new_options(VFSLOCK_TTL_NEVER, 1);
  vfslock_lock *lock = must_acquire(uri, options);
  vfslock_record *record = NULL, *copy = NULL;
  int32_t fd = 42;
  (void)state;
  assert_int_equal(api->lock_state(lock), VFSLOCK_STATE_OK);
  assert_int_equal(api->lock_is_held(lock), 1);
  assert_int_equal(api->lock_remaining_ms(lock), -1);
  assert_true(api->lock_token(lock) > 0);
  assert_int_equal(api->lock_token_is_strict(lock), 1);
  assert_int_equal(api->lock_guarantee(lock), VFSLOCK_GUARANTEE_EXACT);
  assert_string_equal(api->lock_uri(lock), uri);
  assert_int_equal(strlen(api->lock_id(lock)), 32);
  assert_int_equal(api->lock_inherit(lock, &fd, NULL), VFSLOCK_OK);
  assert_int_equal(fd, -1);
  assert_int_equal(api->lock_record(lock, &record, NULL), VFSLOCK_OK);
  assert_int_equal(api->record_expires_unix_ms(record), -1);
  assert_int_equal(api->record_dup(record, &copy, NULL), VFSLOCK_OK);
  api->record_free(record);
  assert_string_equal(api->record_lock_id(copy), api->lock_id(lock));
  api->record_free(copy);
  assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_state(lock), VFSLOCK_STATE_RELEASED);
  assert_int_equal(api->lock_is_held(lock), 0);
  assert_int_equal(api->lock_remaining_ms(lock), 0);
  assert_int_equal(strlen(api->lock_id(lock)), 32);
  api->lock_free(lock);
  api->options_free(options);
}

static void inspect_tells_free_held_released_and_stale(void **state) {
  const char *uri = fresh_uri();
  vfslock_options *options = new_options(1, 0);
  vfslock_lock *lock;
  vfslock_report *report = NULL;
  (void)state;
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_FREE);
  assert_string_equal(api->report_id(report), "");
  assert_string_equal(api->report_uri(report), uri);
  assert_int_equal(api->report_guarantee(report), VFSLOCK_GUARANTEE_EXACT);
  assert_null(api->report_record(report));
  assert_non_null(strstr(api->report_json(report), "\"state\":\"free\""));
  api->report_free(report);

  lock = must_acquire(uri, NULL);
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_HELD);
  assert_string_equal(api->report_id(report), api->lock_id(lock));
  assert_string_equal(api->record_lock_id(api->report_record(report)), api->lock_id(lock));
  assert_non_null(strstr(api->report_json(report), "\"record\":{"));
  assert_true(strlen(api->report_reason(report)) > 0);
  api->report_free(report);
  api->lock_close(lock, -1);

  lock = must_acquire(uri, options);
  wait_until_stale(uri);
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_STALE);
  assert_non_null(strstr(api->report_json(report), "\"evidence\":\"unchanged\""));
  api->report_free(report);
  api->lock_free(lock);

  api->options_free(options);
  options = new_options(30000, 1);
  assert_int_equal(api->options_set_keep_record(options, 1, NULL), VFSLOCK_OK);
  uri = fresh_uri();
  lock = must_acquire(uri, options);
  api->lock_close(lock, -1);
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_RELEASED);
  api->report_free(report);
  api->options_free(options);
}

static void keep_mode_counts_tokens_one_by_one(void **state) {
  const char *uri = fresh_uri();
  vfslock_options *options = new_options(30000, 1);
  int64_t token;
  int i;
  vfslock_lock *lock;
  (void)state;
  assert_int_equal(api->options_set_keep_record(options, 1, NULL), VFSLOCK_OK);
  lock = must_acquire(uri, options);
  token = api->lock_token(lock);
  api->lock_close(lock, -1);
  for (i = 1; i <= 3; i++) {
    lock = must_acquire(uri, NULL); /* keep belongs to the record */
    assert_true(api->lock_token(lock) == token + i);
    assert_int_equal(api->lock_token_is_strict(lock), 1);
    api->lock_close(lock, -1);
  }
  api->options_free(options);
}

static void bad_uris_are_refused_and_say_what_would_be_right(void **state) {
  static const struct {
    const char *uri;
    vfslock_status status;
    const char *says;
  } cases[] = {
      {"", VFSLOCK_INVALID_URI, "name a file"},
      {"mem://x/a?b", VFSLOCK_INVALID_URI, "%3F"},
      {"mem://x/dir/", VFSLOCK_INVALID_URI, "slash"},
      {"gopher://x/y", VFSLOCK_UNSUPPORTED, "mem://"},
      {"sftp://me:secret@host/x", VFSLOCK_INVALID_URI, "password"},
      {"/there/is/no/such/folder/x", VFSLOCK_NOT_FOUND, "folder"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < sizeof cases / sizeof *cases; i++) {
    vfslock_lock *lock = (vfslock_lock *)&mark;
    vfslock_error *error = NULL;
    assert_int_equal(api->acquire(NULL, cases[i].uri, NULL, 0, NULL, &lock, &error), cases[i].status);
    assert_ptr_equal(lock, &mark);
    if (!strstr(api->error_message(error), cases[i].says)) fail_msg("%s: %s", cases[i].uri, api->error_message(error));
    assert_null(strstr(api->error_message(error), "secret"));
    assert_null(strstr(api->error_uri(error), "secret"));
    api->error_free(error);
  }
}

static void the_wait_must_be_a_wait(void **state) {
  vfslock_lock *lock = NULL;
  (void)state;
  assert_int_equal(api->acquire(NULL, fresh_uri(), NULL, -2, NULL, &lock, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->acquire(NULL, fresh_uri(), NULL, INT64_MIN, NULL, &lock, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_null(lock);
  assert_int_equal(api->acquire(NULL, fresh_uri(), NULL, INT64_MAX, NULL, &lock, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_release(lock, INT64_MAX, NULL, NULL), VFSLOCK_OK);
  api->lock_free(lock);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(held_is_an_error_with_the_holders_record),
      cmocka_unit_test(nothing_is_written_to_ret_err_on_success),
      cmocka_unit_test(a_failed_call_leaves_its_output),
      cmocka_unit_test(getters_of_a_lock),
      cmocka_unit_test(inspect_tells_free_held_released_and_stale),
      cmocka_unit_test(keep_mode_counts_tokens_one_by_one),
      cmocka_unit_test(bad_uris_are_refused_and_say_what_would_be_right),
      cmocka_unit_test(the_wait_must_be_a_wait),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
