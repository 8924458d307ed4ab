/* Waits up to a minute, tells how long it has waited, and ends the wait at Ctrl-C. */
#include <signal.h>
#include <stdio.h>
#include <vfslock/vfslock.h>

static vfslock_cancel *cancel;

static void on_interrupt(int signal_number) {
  (void)signal_number;
  vfslock_cancel_trigger(cancel); /* async-signal-safe */
}

static int32_t on_waiting(void *user_data, const vfslock_event *event) {
  const vfslock_record *holder = vfslock_report_record(vfslock_event_report(event));
  (void)user_data;
  printf("waiting for %lld ms, it is held on %s\n", (long long)vfslock_event_number(event, "waited_ms"),
         holder ? vfslock_record_host(holder) : "an unknown host");
  fflush(stdout);
  return 0; /* go on */
}

int main(int argc, char **argv) {
  vfslock_options *options = NULL;
  vfslock_lock *lock = NULL;
  vfslock_error *error = NULL;
  vfslock_status status;
  if (argc != 2 || vfslock_cancel_new(&cancel, NULL) != VFSLOCK_OK || vfslock_options_new(&options, NULL) != VFSLOCK_OK)
    return 70;
  signal(SIGINT, on_interrupt);
  vfslock_options_on_waiting(options, on_waiting, NULL, NULL, NULL);
  status = vfslock_acquire(NULL, argv[1], options, 60000, cancel, &lock, &error);
  if (status == VFSLOCK_OK) printf("mine\n");
  else printf("%s\n", vfslock_error_message(error));
  vfslock_error_free(error);
  vfslock_lock_close(lock, VFSLOCK_OWN_BOUND);
  vfslock_options_free(options);
  vfslock_cancel_free(cancel);
  return status == VFSLOCK_OK ? 0 : status == VFSLOCK_CANCELLED ? 130 : 75;
}
