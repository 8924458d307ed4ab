#include "session.h"

#include <string.h>

#define MUST(condition) \
  if (!(condition)) return __LINE__

static int32_t do_nothing(void *user_data, const vfslock_event *event) {
  (void)user_data, (void)event;
  return 0;
}

static int32_t check_it(void *user_data, vfslock_lock *lock) {
  (void)user_data;
  return api->lock_check(lock, -1, NULL, NULL, NULL);
}

int is_renewed_by_itself(vfslock_lock *lock) {
  int waited, renewed = 0;
  for (waited = 0; !renewed && waited < generous_ms; ++waited) {
    vfslock_record *record = NULL;
    if (api->lock_record(lock, &record, NULL) != VFSLOCK_OK) return 0;
    renewed = strstr(api->record_json(record), "\"seq\":\"1\"") == NULL;
    api->record_free(record);
    pause_ms(1);
  }
  return renewed;
}

static int look(vfslock_client *client, const char *uri) {
  vfslock_report *report = NULL;
  vfslock_list *list = NULL;
  char above[160];
  int count = 0;
  MUST(api->inspect(client, uri, -1, NULL, &report, NULL) == VFSLOCK_OK);
  MUST(api->report_state(report) == VFSLOCK_REPORT_HELD && api->report_json(report));
  api->report_free(report);
  MUST(api->probe(client, uri, -1, NULL, &report, NULL) == VFSLOCK_OK);
  api->report_free(report);
  snprintf(above, sizeof above, "%s", uri);
  *strrchr(above, '/') = 0;
  MUST(api->list_new(client, above, &list, NULL) == VFSLOCK_OK);
  while (api->list_next(list, -1, NULL, &report, NULL) == VFSLOCK_OK && report) {
    api->report_free(report);
    ++count;
  }
  api->list_free(list);
  MUST(count > 0);
  return 0;
}

/* One tenure that others want, with a handler of each kind. */
static int hold(vfslock_client *client, const char *uri) {
  vfslock_options *options = NULL, *same = NULL;
  vfslock_lock *lock = NULL, *other = NULL;
  vfslock_cancel *cancel = NULL;
  vfslock_error *error = NULL;
  int64_t left = 0;
  int wrong;
  MUST(api->options_new(&options, NULL) == VFSLOCK_OK);
  MUST(api->options_set_ttl_ms(options, 1000, NULL) == VFSLOCK_OK);
  MUST(api->options_set_owner_id(options, "session", NULL) == VFSLOCK_OK);
  MUST(api->options_set_attribute(options, "purpose", "test", NULL) == VFSLOCK_OK);
  MUST(api->options_on_stale(options, do_nothing, NULL, NULL, NULL) == VFSLOCK_OK);
  MUST(api->options_on_waiting(options, do_nothing, NULL, NULL, NULL) == VFSLOCK_OK);
  MUST(api->options_on_lost(options, do_nothing, NULL, NULL, NULL) == VFSLOCK_OK);
  MUST(api->options_dup(options, &same, NULL) == VFSLOCK_OK);
  MUST(api->acquire(client, uri, same, VFSLOCK_NO_WAIT, NULL, &lock, NULL) == VFSLOCK_OK);
  MUST(api->acquire(client, uri, options, VFSLOCK_NO_WAIT, NULL, &other, &error) == VFSLOCK_HELD);
  MUST(api->error_message(error) && api->error_record(error));
  api->error_free(error);
  MUST(api->cancel_new(&cancel, NULL) == VFSLOCK_OK);
  MUST(api->acquire(client, uri, options, 20, cancel, &other, NULL) == VFSLOCK_TIMEOUT);
  api->cancel_trigger(cancel);
  MUST(api->acquire(client, uri, options, generous_ms, cancel, &other, NULL) == VFSLOCK_CANCELLED);
  api->cancel_free(cancel);
  MUST(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, &left, NULL) == VFSLOCK_OK);
  MUST(api->lock_check(lock, -1, NULL, &left, NULL) == VFSLOCK_OK);
  MUST(is_renewed_by_itself(lock));
  if ((wrong = look(client, uri)) != 0) return wrong;
  MUST(api->lock_is_held(lock) && api->lock_remaining_ms(lock) > 0 && api->lock_token(lock) > 0);
  MUST(api->lock_release(lock, -1, NULL, NULL) == VFSLOCK_OK);
  api->lock_free(lock);
  MUST(api->with_lock(client, uri, options, VFSLOCK_NO_WAIT, NULL, check_it, NULL, NULL) == VFSLOCK_OK);
  api->options_free(same);
  api->options_free(options);
  return 0;
}

static int resume_and_break(vfslock_client *client, const char *uri) {
  vfslock_options *options = NULL;
  vfslock_lock *lock = NULL, *again = NULL;
  MUST(api->options_new(&options, NULL) == VFSLOCK_OK);
  MUST(api->options_set_renewal(options, 0, NULL) == VFSLOCK_OK);
  MUST(api->options_set_detached(options, 1, NULL) == VFSLOCK_OK);
  MUST(api->acquire(client, uri, options, VFSLOCK_NO_WAIT, NULL, &lock, NULL) == VFSLOCK_OK);
  MUST(api->resume(client, uri, api->lock_id(lock), options, -1, NULL, &again, NULL) == VFSLOCK_OK);
  MUST(api->break_lock(client, uri, api->lock_id(lock), -1, NULL, NULL) == VFSLOCK_OK);
  MUST(api->lock_check(again, -1, NULL, NULL, NULL) == VFSLOCK_LOST);
  api->lock_close(again, -1);
  api->lock_close(lock, -1);
  MUST(api->acquire(client, uri, NULL, VFSLOCK_NO_WAIT, NULL, &lock, NULL) == VFSLOCK_OK); /* leaves nothing there */
  api->lock_close(lock, -1);
  api->options_free(options);
  return 0;
}

int whole_session(const char *uri) {
  vfslock_client *client = NULL;
  int wrong;
  MUST(api->client_new(&client, NULL) == VFSLOCK_OK);
  MUST(api->client_on_log(client, do_nothing, NULL, NULL, NULL) == VFSLOCK_OK);
  MUST(api->client_on_metric(client, do_nothing, NULL, NULL, NULL) == VFSLOCK_OK);
  if ((wrong = hold(client, uri)) != 0 || (wrong = resume_and_break(client, uri)) != 0) return wrong;
  api->client_free(client);
  return 0;
}
