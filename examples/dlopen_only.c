/* Uses the library where it is installed, without linking it: one symbol, one table. */
#include <dlfcn.h>
#include <stdio.h>
#include <vfslock/vfslock.h>

int main(int argc, char **argv) {
  const vfslock_api *(*get_api)(int32_t) = NULL;
  const vfslock_api *api;
  vfslock_lock *lock = NULL;
  vfslock_error *error = NULL;
  void *library = dlopen("libvfslock.so.0", RTLD_NOW | RTLD_LOCAL);
  if (argc != 2) return 64;
  if (!library) {
    printf("there is no vfslock here: %s\n", dlerror());
    return 69;
  }
  *(void **)&get_api = dlsym(library, "vfslock_get_api");
  api = get_api ? get_api(VFSLOCK_ABI) : NULL;
  if (!api || !VFSLOCK_HAS(api, acquire)) return 69;
  if (api->acquire(NULL, argv[1], NULL, VFSLOCK_NO_WAIT, NULL, &lock, &error) != VFSLOCK_OK) {
    printf("%s\n", api->error_message(error));
    api->error_free(error);
    return 75;
  }
  printf("mine, by vfslock %s\n", api->version_string());
  api->lock_close(lock, VFSLOCK_OWN_BOUND);
  return 0;
}
