/* A fresh process loads one library by dlopen, and says how many nanoseconds that took:
 *   loads PATH          the library alone
 *   loads PATH FILE     vfslock, and its first lock, that of FILE */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <vfslock/vfslock.h>

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int main(int argc, char **argv) {
  const vfslock_api *(*get_api)(int32_t) = NULL;
  const vfslock_api *api = NULL;
  vfslock_lock *lock = NULL;
  int64_t began = now_ns();
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  void *found = library && argc > 2 ? dlsym(library, "vfslock_get_api") : NULL;
  if (!library || (argc > 2 && !found)) return 1;
  if (found) {
    memcpy(&get_api, &found, sizeof get_api);
    api = get_api(VFSLOCK_ABI);
    if (!api || api->acquire(NULL, argv[2], NULL, VFSLOCK_NO_WAIT, NULL, &lock, NULL) != VFSLOCK_OK) return 2;
  }
  printf("%lld\n", (long long)(now_ns() - began));
  if (lock) api->lock_close(lock, VFSLOCK_OWN_BOUND);
  return 0;
}
