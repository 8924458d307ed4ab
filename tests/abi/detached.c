/* Detached tenures, resume, break, adopt_empty, create_parents: in memory and on a disk. That another process resumes
 * is tested with the command. */
#include "abi.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *place(int on_disk) {
  static char uris[16][128];
  static int next;
  char *uri = uris[next % 16];
  if (!on_disk) return fresh_uri();
  snprintf(uri, sizeof uris[0], "%s/%d", folder, next++);
  return uri;
}

static vfslock_options *detached(int64_t ttl_ms) {
  vfslock_options *options = new_options(ttl_ms, 0);
  assert_int_equal(api->options_set_detached(options, 1, NULL), VFSLOCK_OK);
  return options;
}

static vfslock_status try_once(const char *uri, vfslock_lock **lock) {
  return api->acquire(NULL, uri, NULL, VFSLOCK_NO_WAIT, NULL, lock, NULL);
}

static int state_of(const char *uri) {
  vfslock_report *report = NULL;
  int state;
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  state = api->report_state(report);
  api->report_free(report);
  return state;
}

/* Takes a detached lock and lets its handle go; the id goes to `id`. */
static void leave_detached(const char *uri, int64_t ttl_ms, char id[64]) {
  vfslock_options *options = detached(ttl_ms);
  vfslock_lock *lock = must_acquire(uri, options);
  snprintf(id, 64, "%s", api->lock_id(lock));
  api->lock_close(lock, -1);
  api->options_free(options);
}

static void close_leaves_it_and_only_time_ends_it(int on_disk) {
  const char *uri = place(on_disk);
  char id[64];
  vfslock_lock *lock = NULL;
  leave_detached(uri, 1500, id);
  assert_int_equal(state_of(uri), VFSLOCK_REPORT_HELD);
  assert_int_equal(try_once(uri, &lock), VFSLOCK_HELD);
  wait_until_stale(uri);
  assert_int_equal(try_once(uri, &lock), VFSLOCK_OK);
  api->lock_close(lock, -1);
}

static void whoever_knows_the_id_goes_on_with_it(int on_disk) {
  const char *uri = place(on_disk);
  char id[64];
  vfslock_lock *lock = NULL, *other = NULL;
  vfslock_record *record = NULL;
  vfslock_options *options = new_options(90000, 0);
  int64_t token;
  leave_detached(uri, 60000, id);

  assert_int_equal(api->resume(NULL, uri, id, NULL, -1, NULL, &lock, NULL), VFSLOCK_OK);
  assert_string_equal(api->lock_id(lock), id);
  assert_true(api->lock_is_held(lock));
  assert_in_range(api->lock_remaining_ms(lock), 30000, 60000); /* its own TTL */
  token = api->lock_token(lock);
  assert_true(token > 0);

  /* Another one resumes too, and changes the TTL: the first one goes on all the same. */
  assert_int_equal(api->resume(NULL, uri, id, options, -1, NULL, &other, NULL), VFSLOCK_OK);
  assert_in_range(api->lock_remaining_ms(other), 60001, 90000);
  assert_int_equal(api->lock_token(other), token);
  assert_int_equal(api->lock_check(lock, -1, NULL, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_renew(other, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_record(other, &record, NULL), VFSLOCK_OK);
  assert_non_null(strstr(api->record_json(record), "\"detached\":true"));
  api->record_free(record);

  assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(state_of(uri), VFSLOCK_REPORT_FREE);
  assert_int_equal(api->lock_renew(other, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_LOST);
  api->lock_close(lock, -1);
  api->lock_close(other, -1);
  api->options_free(options);
}

static void what_cannot_be_resumed(int on_disk) {
  const char *uri = place(on_disk);
  char id[64];
  vfslock_error *error = NULL;
  vfslock_lock *lock = NULL, *mine;
  assert_int_equal(api->resume(NULL, uri, "0123", NULL, -1, NULL, &lock, &error), VFSLOCK_LOST);
  assert_non_null(strstr(api->error_message(error), "nothing is there"));
  api->error_free(error);

  mine = must_acquire(uri, NULL);
  assert_int_equal(api->resume(NULL, uri, api->lock_id(mine), NULL, -1, NULL, &lock, &error), VFSLOCK_INVALID_ARGUMENT);
  assert_non_null(strstr(api->error_message(error), "not detached"));
  api->error_free(error);
  api->lock_close(mine, -1);

  leave_detached(uri, 60000, id);
  id[0] = id[0] == '0' ? '1' : '0';
  assert_int_equal(api->resume(NULL, uri, id, NULL, -1, NULL, &lock, &error), VFSLOCK_LOST);
  assert_non_null(api->error_record(error));
  api->error_free(error);
  assert_null(lock);
}

static void a_break_ends_exactly_what_it_names(int on_disk) {
  const char *uri = place(on_disk);
  vfslock_error *error = NULL;
  vfslock_lock *holder, *next = NULL;
  int64_t token;
  assert_int_equal(api->break_lock(NULL, uri, "x", -1, NULL, &error), VFSLOCK_NOT_FOUND);
  api->error_free(error);

  holder = must_acquire(uri, NULL);
  token = api->lock_token(holder);
  assert_int_equal(api->break_lock(NULL, uri, "0123456789abcdef0123456789abcdef", -1, NULL, &error), VFSLOCK_HELD);
  assert_non_null(api->error_record(error));
  api->error_free(error);
  assert_int_equal(api->lock_check(holder, -1, NULL, NULL, NULL), VFSLOCK_OK);

  assert_int_equal(api->break_lock(NULL, uri, api->lock_id(holder), -1, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(state_of(uri), VFSLOCK_REPORT_RELEASED);
  assert_int_equal(api->lock_renew(holder, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_LOST);
  assert_int_equal(try_once(uri, &next), VFSLOCK_OK);
  assert_true(api->lock_token(next) > token + 1); /* the break has one too */
  api->lock_close(holder, -1);
  assert_int_equal(api->lock_check(next, -1, NULL, NULL, NULL), VFSLOCK_OK); /* the loser's close touched nothing */
  api->lock_close(next, -1);
}

static void a_broken_detached_tenure_is_not_resumed(int on_disk) {
  const char *uri = place(on_disk);
  char id[64];
  vfslock_lock *lock = NULL, *first = NULL;
  leave_detached(uri, 60000, id);
  assert_int_equal(api->resume(NULL, uri, id, NULL, -1, NULL, &first, NULL), VFSLOCK_OK);
  assert_int_equal(api->break_lock(NULL, uri, id, -1, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->resume(NULL, uri, id, NULL, -1, NULL, &lock, NULL), VFSLOCK_LOST);
  assert_int_equal(api->lock_renew(first, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_LOST);
  api->lock_close(first, -1);
}

static void write_file(const char *uri, const char *text) {
  char path[160];
  int fd;
  snprintf(path, sizeof path, "%s.lock", uri);
  fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
}

static void what_has_no_id_is_broken_by_its_hash(void **state) {
  const char *uri = place(1);
  vfslock_report *report = NULL;
  vfslock_lock *lock = NULL;
  (void)state;
  write_file(uri, "not a record");
  assert_int_equal(try_once(uri, &lock), VFSLOCK_CORRUPT_RECORD);
  assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(strncmp(api->report_id(report), "sha256-", 7), 0);
  assert_int_equal(api->break_lock(NULL, uri, api->report_id(report), -1, NULL, NULL), VFSLOCK_OK);
  api->report_free(report);
  assert_int_equal(try_once(uri, &lock), VFSLOCK_OK);
  api->lock_close(lock, -1);
}

static void an_empty_file_is_adopted_when_asked_for_and_not_at_once(void **state) {
  const char *uri = place(1);
  vfslock_options *options = new_options(2000, 0);
  vfslock_lock *lock = NULL;
  (void)state;
  write_file(uri, "");
  assert_int_equal(try_once(uri, &lock), VFSLOCK_CORRUPT_RECORD);
  assert_int_equal(api->options_set(options, "adopt_empty", "true", NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, uri, options, VFSLOCK_NO_WAIT, NULL, &lock, NULL), VFSLOCK_HELD);
  assert_int_equal(api->acquire(NULL, uri, options, generous_ms, NULL, &lock, NULL), VFSLOCK_OK);
  api->lock_close(lock, -1);
  assert_int_equal(state_of(uri), VFSLOCK_REPORT_FREE);
  api->options_free(options);
}

static void missing_directories_are_made_when_asked_for(void **state) {
  char uri[160];
  vfslock_options *options = new_options(30000, 1);
  vfslock_lock *lock = NULL;
  (void)state;
  snprintf(uri, sizeof uri, "%s/a/b/c/file", folder);
  assert_int_equal(try_once(uri, &lock), VFSLOCK_NOT_FOUND);
  assert_int_equal(api->options_set_create_parents(options, 1, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, uri, options, VFSLOCK_NO_WAIT, NULL, &lock, NULL), VFSLOCK_OK);
  api->lock_close(lock, -1);
  api->options_free(options);
}

#define TWICE(test)                                             \
  static void test##_in_memory(void **state) { (void)state; test(0); } \
  static void test##_on_a_disk(void **state) { (void)state; test(1); }
TWICE(close_leaves_it_and_only_time_ends_it)
TWICE(whoever_knows_the_id_goes_on_with_it)
TWICE(what_cannot_be_resumed)
TWICE(a_break_ends_exactly_what_it_names)
TWICE(a_broken_detached_tenure_is_not_resumed)
#define BOTH(test) cmocka_unit_test(test##_in_memory), cmocka_unit_test(test##_on_a_disk)

static int remove_all(void **state) {
  (void)state;
  remove_tree(folder);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      BOTH(close_leaves_it_and_only_time_ends_it),
      BOTH(whoever_knows_the_id_goes_on_with_it),
      BOTH(what_cannot_be_resumed),
      BOTH(a_break_ends_exactly_what_it_names),
      BOTH(a_broken_detached_tenure_is_not_resumed),
      cmocka_unit_test(what_has_no_id_is_broken_by_its_hash),
      cmocka_unit_test(an_empty_file_is_adopted_when_asked_for_and_not_at_once),
      cmocka_unit_test(missing_directories_are_made_when_asked_for),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_all);
}
