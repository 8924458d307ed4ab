/* Runs a function under the lock. What the function returns travels through. */
#include <stdio.h>
#include <vfslock/vfslock.h>

static int32_t count_up(void *user_data, vfslock_lock *lock) {
  int *counter = user_data;
  if (!vfslock_lock_is_held(lock)) return 1; /* before each step that must not happen twice */
  ++*counter;
  return *counter == 2 ? 42 : 0; /* the second time fails */
}

int main(int argc, char **argv) {
  int counter = 0, i;
  if (argc != 2) return 64;
  for (i = 0; i < 2; i++) {
    vfslock_error *error = NULL;
    if (vfslock_with_lock(NULL, argv[1], NULL, VFSLOCK_NO_WAIT, NULL, count_up, &counter, &error) == VFSLOCK_OK)
      printf("counted to %d\n", counter);
    else
      printf("failed with %d: %s\n", (int)vfslock_error_callback_value(error), vfslock_error_message(error));
    vfslock_error_free(error);
  }
  return 0;
}
