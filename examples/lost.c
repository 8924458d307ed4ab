/* Works in steps, and stops when the lock is lost: told by a handler, and asked before each step. */
#include <stdio.h>
#include <time.h>
#include <vfslock/vfslock.h>

static int32_t on_lost(void *user_data, const vfslock_event *event) {
  (void)user_data;
  printf("told on another thread: %s (%s)\n", vfslock_event_text(event, "reason"),
         vfslock_error_message(vfslock_event_error(event)));
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv) {
  const struct timespec step = {0, 10000000};
  vfslock_options *options = NULL;
  vfslock_lock *lock = NULL;
  if (argc != 2 || vfslock_options_new(&options, NULL) != VFSLOCK_OK) return 70;
  vfslock_options_set_ttl_ms(options, 1000, NULL);
  vfslock_options_on_lost(options, on_lost, NULL, NULL, NULL);
  if (vfslock_acquire(NULL, argv[1], options, VFSLOCK_NO_WAIT, NULL, &lock, NULL) != VFSLOCK_OK) return 75;
  printf("working\n");
  fflush(stdout);
  while (vfslock_lock_is_held(lock)) nanosleep(&step, NULL); /* a step of the work */
  vfslock_lock_close(lock, VFSLOCK_OWN_BOUND);               /* waits for the handler */
  printf("stopped\n");
  vfslock_options_free(options);
  return 76;
}
