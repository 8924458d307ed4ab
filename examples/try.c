/* Tries once; says who holds the lock where it is refused. */
#include <stdio.h>
#include <vfslock/vfslock.h>

int main(int argc, char **argv) {
  vfslock_lock *lock = NULL;
  vfslock_error *error = NULL;
  if (argc != 2) return 64;
  if (vfslock_acquire(NULL, argv[1], NULL, VFSLOCK_NO_WAIT, NULL, &lock, &error) != VFSLOCK_OK) {
    const vfslock_record *holder = vfslock_error_record(error); /* NULL where it was refused for another reason */
    if (holder) printf("held on %s by process %lld\n", vfslock_record_host(holder), (long long)vfslock_record_pid(holder));
    else printf("%s\n", vfslock_error_message(error));
    vfslock_error_free(error);
    return 75;
  }
  printf("mine, with token %lld\n", (long long)vfslock_lock_token(lock));
  vfslock_lock_close(lock, VFSLOCK_OWN_BOUND);
  return 0;
}
