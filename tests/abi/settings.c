/* Clients and options: keys, spoiled options, defaults, copies. */
#include "abi.h"

#include <stdlib.h>
#include <string.h>

static vfslock_client *new_client(void) {
  vfslock_client *client = NULL;
  assert_int_equal(api->client_new(&client, NULL), VFSLOCK_OK);
  return client;
}

/* The call must fail with INVALID_ARGUMENT and say this. */
static void refused(vfslock_status status, vfslock_error **error, const char *says) {
  assert_int_equal(status, VFSLOCK_INVALID_ARGUMENT);
  if (!strstr(api->error_message(*error), says)) fail_msg("%s", api->error_message(*error));
  api->error_free(*error);
}

static void an_unknown_key_is_refused_with_the_nearest_one(void **state) {
  vfslock_client *client = new_client();
  vfslock_options *options = new_options(30000, 1);
  vfslock_error *error = NULL;
  (void)state;
  refused(api->client_set(client, "lock.nam", "x", &error), &error, "\"lock.name\"");
  refused(api->client_set(client, "file_mode", "x", &error), &error, "\"file.mode\"");
  refused(api->client_set(client, "steal", "dead", &error), &error, "vfslock_options_set");
  refused(api->options_set(options, "stael", "dead", &error), &error, "\"steal\"");
  refused(api->options_set(options, "lock.name", "x", &error), &error, "vfslock_client_set");
  api->options_free(options);
  api->client_free(client);
}

static void values_are_checked_when_they_are_set(void **state) {
  vfslock_client *client = new_client();
  vfslock_error *error = NULL;
  (void)state;
  refused(api->client_set(client, "lock.name", "lock", &error), &error, "{name}");
  refused(api->client_set(client, "file.mode", "0200", &error), &error, "0640");
  refused(api->client_set(client, "file.durable", "1", &error), &error, "true or false");
  assert_int_equal(api->client_set(client, "file.mode", "0640", NULL), VFSLOCK_OK);
  api->client_free(client);
}

static void attributes_stand_in_the_record(void **state) {
  const char *uri = fresh_uri();
  char name[8], large[1002];
  int i;
  vfslock_options *options = new_options(30000, 1), *poor = new_options(30000, 1);
  vfslock_lock *lock = NULL;
  vfslock_record *record = NULL;
  vfslock_error *error = NULL;
  (void)state;
  assert_int_equal(api->options_set_attribute(options, "job", "16", NULL), VFSLOCK_OK);
  assert_int_equal(api->options_set_attribute(options, "log", "https://h/\xC3\xA9", NULL), VFSLOCK_OK);
  assert_int_equal(api->options_set_attribute(options, "job", "17", NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, uri, options, 0, NULL, &lock, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_record(lock, &record, NULL), VFSLOCK_OK);
  assert_int_equal(api->record_attribute_count(record), 2);
  assert_string_equal(api->record_attribute(record, "job"), "17");
  assert_string_equal(api->record_attribute(record, "log"), "https://h/\xC3\xA9");
  api->record_free(record);
  api->lock_close(lock, -1);

  refused(api->options_set_attribute(poor, "", "x", &error), &error, "empty");
  memset(large, 'x', sizeof large - 1);
  large[sizeof large - 1] = 0;
  refused(api->options_set_attribute(poor, "a", large, &error), &error, "1000 bytes");
  refused(api->options_set_attribute(poor, "a\n", "x", &error), &error, "name must be");
  refused(api->options_set_attribute(poor, "a", "\xFF", &error), &error, "value must be");
  refused(api->acquire(NULL, uri, poor, 0, NULL, &lock, &error), &error, "options_set_attribute");
  api->options_free(poor);

  poor = new_options(30000, 1);
  for (i = 0; i < 64; ++i) {
    snprintf(name, sizeof name, "n%d", i);
    assert_int_equal(api->options_set_attribute(poor, name, "x", NULL), VFSLOCK_OK);
  }
  assert_int_equal(api->options_set_attribute(poor, "n3", "y", NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, uri, poor, 0, NULL, &lock, NULL), VFSLOCK_OK); /* and can be read back */
  assert_int_equal(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_OK);
  api->lock_close(lock, -1);
  refused(api->options_set_attribute(poor, "n64", "x", &error), &error, "64");
  api->options_free(poor);
  api->options_free(options);
}

static void the_lock_lies_where_the_client_says(void **state) {
  const char *uri = fresh_uri();
  char lock_of[80];
  vfslock_client *client = new_client();
  vfslock_lock *lock = NULL;
  vfslock_report *report = NULL;
  vfslock_error *error = NULL;
  (void)state;
  assert_int_equal(api->client_set(client, "lock.name", "x", NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->client_set(client, "lock.name", "{name}.a", NULL), VFSLOCK_OK);
  assert_int_equal(api->client_set(client, "lock.name", "{name}.b.lock", NULL), VFSLOCK_OK); /* the last one counts */
  assert_int_equal(api->acquire(client, uri, NULL, 0, NULL, &lock, NULL), VFSLOCK_OK);
  snprintf(lock_of, sizeof lock_of, "%s.b", uri); /* whose lock has that name by default */
  assert_int_equal(api->inspect(NULL, lock_of, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_HELD);
  api->report_free(report);
  refused(api->client_set(client, "lock.name", "{name}.c", &error), &error, "has been used");
  api->client_free(client); /* before its lock */
  assert_int_equal(api->lock_is_held(lock), 1);
  api->lock_close(lock, -1);
}

static void the_environment_counts_unless_a_key_is_set(void **state) {
  const char *uri = fresh_uri();
  char other[80];
  vfslock_client *from_environment = new_client(), *set = new_client(), *wrong = new_client();
  vfslock_lock *lock = NULL, *second = NULL, *third = NULL;
  vfslock_error *error = NULL;
  (void)state;
  assert_int_equal(api->client_set(set, "lock.name", "{name}.set", NULL), VFSLOCK_OK);
  assert_int_equal(setenv("VFSLOCK_LOCK_NAME", "{name}.env.lock", 1), 0);
  assert_int_equal(api->acquire(from_environment, uri, NULL, 0, NULL, &lock, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(set, uri, NULL, 0, NULL, &second, NULL), VFSLOCK_OK);
  assert_int_equal(setenv("VFSLOCK_LOCK_NAME", "lock", 1), 0);
  assert_int_equal(api->acquire(wrong, uri, NULL, 0, NULL, &third, &error), VFSLOCK_INVALID_ARGUMENT);
  assert_non_null(strstr(api->error_message(error), "VFSLOCK_LOCK_NAME"));
  api->error_free(error);
  snprintf(other, sizeof other, "%s.env", uri);
  assert_int_equal(api->acquire(from_environment, uri, NULL, 0, NULL, &third, NULL), VFSLOCK_HELD); /* read once */
  assert_int_equal(unsetenv("VFSLOCK_LOCK_NAME"), 0);
  assert_int_equal(api->acquire(wrong, other, NULL, 0, NULL, &third, NULL), VFSLOCK_HELD);
  api->lock_close(lock, -1);
  api->lock_close(second, -1);
  api->client_free(from_environment);
  api->client_free(set);
  api->client_free(wrong);
}

static void a_failed_setter_spoils_its_options(void **state) {
  vfslock_options *options = new_options(30000, 1), *copy = NULL;
  vfslock_lock *lock = NULL;
  vfslock_error *error = NULL;
  (void)state;
  assert_int_equal(api->options_set_ttl_ms(options, -1, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_renewal(options, 2, NULL), VFSLOCK_INVALID_ARGUMENT);
  refused(api->acquire(NULL, fresh_uri(), options, 0, NULL, &lock, &error), &error, "ttl_ms"); /* the first one */
  assert_int_equal(api->options_set_ttl_ms(options, 30000, NULL), VFSLOCK_OK);                /* mends nothing */
  assert_int_equal(api->options_dup(options, &copy, NULL), VFSLOCK_OK);
  refused(api->acquire(NULL, fresh_uri(), copy, 0, NULL, &lock, &error), &error, "ttl_ms");
  assert_null(lock);
  api->options_free(copy);
  api->options_free(options);
}

static void every_value_out_of_range_is_refused(void **state) {
  char owner[1002];
  vfslock_options *options = new_options(30000, 1);
  (void)state;
  memset(owner, 'a', sizeof owner);
  owner[1001] = 0;
  assert_int_equal(api->options_set_owner_id(options, owner, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_owner_id(options, "a\nb", NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_owner_id(options, "\xff", NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_ttl_ms(options, 86400001, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_require(options, 3, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_require(options, -1, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set_keep_record(options, -1, NULL), VFSLOCK_INVALID_ARGUMENT);
  assert_int_equal(api->options_set(options, "steal", "all", NULL), VFSLOCK_INVALID_ARGUMENT);
  api->options_free(options);
}

static void a_ttl_that_the_keeper_cannot_serve_is_refused_before_anything_is_written(void **state) {
  const char *uri = fresh_uri();
  vfslock_options *options = new_options(999, 1);
  vfslock_lock *lock = NULL;
  vfslock_report *report = NULL;
  vfslock_error *error = NULL;
  (void)state;
  refused(api->acquire(NULL, uri, options, 0, NULL, &lock, &error), &error, "1000");
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_FREE);
  api->report_free(report);
  api->options_free(options);
}

static void steal_says_whose_lock_may_be_taken(void **state) {
  static const struct {
    const char *steal;
    vfslock_status of_the_living, of_the_dead;
  } cases[] = {{"lease", VFSLOCK_OK, VFSLOCK_OK}, {"dead", VFSLOCK_HELD, VFSLOCK_OK}, {"never", VFSLOCK_HELD, VFSLOCK_HELD}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof cases / sizeof *cases; i++) {
    vfslock_options *first = new_options(1, 0), *options = new_options(30000, 1);
    const char *uri = fresh_uri();
    vfslock_lock *lock = must_acquire(uri, first), *next = NULL;
    assert_int_equal(api->options_set(options, "steal", cases[i].steal, NULL), VFSLOCK_OK);
    wait_until_stale(uri);
    assert_int_equal(api->acquire(NULL, uri, options, 0, NULL, &next, NULL), cases[i].of_the_living);
    if (cases[i].of_the_living == VFSLOCK_OK) {
      api->lock_free(next); /* forgets it: nobody lives there any more */
    } else {
      api->lock_free(lock);
      lock = NULL;
    }
    assert_int_equal(api->acquire(NULL, uri, options, 0, NULL, &next, NULL), cases[i].of_the_dead);
    if (cases[i].of_the_dead == VFSLOCK_OK) api->lock_close(next, -1);
    api->lock_close(lock, -1);
    api->options_free(first);
    api->options_free(options);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_unknown_key_is_refused_with_the_nearest_one),
      cmocka_unit_test(values_are_checked_when_they_are_set),
      cmocka_unit_test(attributes_stand_in_the_record),
      cmocka_unit_test(the_lock_lies_where_the_client_says),
      cmocka_unit_test(the_environment_counts_unless_a_key_is_set),
      cmocka_unit_test(a_failed_setter_spoils_its_options),
      cmocka_unit_test(every_value_out_of_range_is_refused),
      cmocka_unit_test(a_ttl_that_the_keeper_cannot_serve_is_refused_before_anything_is_written),
      cmocka_unit_test(steal_says_whose_lock_may_be_taken),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
