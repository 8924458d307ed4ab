/* F26: 64 threads on one handle; one free in the middle of everything that may be freed. */
#include "abi.h"

#include <pthread.h>
#include <string.h>

enum { thread_count = 64, rounds = 20 };

typedef struct {
  vfslock_lock *lock;
  int released;
  int unexpected;
} shared;

static void expect(shared *its, vfslock_status status, vfslock_status other) {
  if (status != VFSLOCK_OK && status != other) {
    add_one(&its->unexpected);
    print_error("%s\n", api->status_name(status));
  }
}

static void *use(void *argument) {
  shared *its = argument;
  int i;
  for (i = 0; i < rounds; i++) {
    int64_t left = 0;
    vfslock_record *record = NULL;
    vfslock_error *error = NULL;
    vfslock_status status = api->lock_renew(its->lock, VFSLOCK_TTL_SAME, generous_ms, NULL, &left, &error);
    expect(its, status, VFSLOCK_NOT_HELD);
    if (status != VFSLOCK_OK) api->error_free(error);
    expect(its, api->lock_check(its->lock, generous_ms, NULL, &left, NULL), VFSLOCK_NOT_HELD);
    expect(its, api->lock_record(its->lock, &record, NULL), VFSLOCK_OK);
    if (record && strcmp(api->record_lock_id(record), api->lock_id(its->lock)) != 0) add_one(&its->unexpected);
    api->record_free(record);
    if (api->lock_is_held(its->lock) && api->lock_state(its->lock) == VFSLOCK_STATE_LOST) add_one(&its->unexpected);
    (void)api->lock_remaining_ms(its->lock);
    if (i == rounds / 2 && api->lock_release(its->lock, generous_ms, NULL, NULL) == VFSLOCK_OK) add_one(&its->released);
  }
  return NULL;
}

static void sixty_four_threads_on_one_handle(void **state) {
  pthread_t threads[thread_count];
  vfslock_report *report = NULL;
  shared its;
  int i;
  (void)state;
  memset(&its, 0, sizeof its);
  its.lock = must_acquire("mem://threads/one", NULL);
  for (i = 0; i < thread_count; i++) assert_int_equal(pthread_create(&threads[i], NULL, use, &its), 0);
  for (i = 0; i < thread_count; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_int_equal(its.unexpected, 0);
  assert_int_equal(its.released, 1);
  assert_int_equal(api->lock_state(its.lock), VFSLOCK_STATE_RELEASED);
  assert_int_equal(api->inspect(NULL, "mem://threads/one", -1, NULL, &report, NULL), VFSLOCK_OK);
  assert_int_equal(api->report_state(report), VFSLOCK_REPORT_FREE);
  api->report_free(report);
  api->lock_close(its.lock, -1);
}

static int inside, overlaps, holds;
static void *hold(void *client) {
  int i;
  for (i = 0; i < 10; i++) {
    vfslock_lock *lock = NULL;
    vfslock_error *error = NULL;
    if (api->acquire(client, "mem://threads/two", NULL, generous_ms, NULL, &lock, &error) != VFSLOCK_OK) {
      print_error("%s\n", api->error_message(error));
      api->error_free(error);
      continue;
    }
    if (add_one(&inside) != 1) add_one(&overlaps);
    holds++; /* not atomic: the lock makes it right */
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    api->lock_close(lock, -1);
  }
  return NULL;
}

static void one_holder_at_a_time(void **state) {
  pthread_t threads[thread_count];
  vfslock_client *client = NULL;
  int i;
  (void)state;
  assert_int_equal(api->client_new(&client, NULL), VFSLOCK_OK);
  for (i = 0; i < thread_count; i++) assert_int_equal(pthread_create(&threads[i], NULL, hold, client), 0);
  for (i = 0; i < thread_count; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_int_equal(overlaps, 0);
  assert_int_equal(holds, 10 * thread_count);
  api->client_free(client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sixty_four_threads_on_one_handle),
      cmocka_unit_test(one_holder_at_a_time),
  };
  return cmocka_run_group_tests(tests, load_library, NULL);
}
