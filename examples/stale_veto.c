/* Takes over from who is gone only after a look at the evidence: here only from the owner "batch". */
#include <stdio.h>
#include <string.h>
#include <vfslock/vfslock.h>

static int32_t on_stale(void *user_data, const vfslock_event *event) {
  const vfslock_report *report = vfslock_event_report(event);
  const vfslock_record *record = vfslock_report_record(report);
  const char *owner = record ? vfslock_record_owner_id(record) : "";
  (void)user_data;
  printf("stale: %s\n", vfslock_report_reason(report));
  return strcmp(owner, "batch") == 0 ? 0 /* take it */ : 2 /* end with VFSLOCK_VETOED */;
}

int main(int argc, char **argv) {
  vfslock_options *options = NULL;
  vfslock_lock *lock = NULL;
  vfslock_error *error = NULL;
  vfslock_status status;
  if (argc != 2 || vfslock_options_new(&options, NULL) != VFSLOCK_OK) return 70;
  vfslock_options_on_stale(options, on_stale, NULL, NULL, NULL);
  status = vfslock_acquire(NULL, argv[1], options, VFSLOCK_NO_WAIT, NULL, &lock, &error);
  printf("%s\n", status == VFSLOCK_OK ? "taken over" : vfslock_error_message(error));
  vfslock_error_free(error);
  vfslock_lock_close(lock, VFSLOCK_OWN_BOUND);
  vfslock_options_free(options);
  return status == VFSLOCK_OK ? 0 : 75;
}
