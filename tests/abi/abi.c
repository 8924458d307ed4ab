#define _GNU_SOURCE
#include "abi.h"

#include <dlfcn.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const vfslock_api *api;
void *library;
char folder[64];

int load_library(void **state) {
  const vfslock_api *(*get_api)(int32_t) = NULL;
  (void)state;
  library = dlopen(getenv("VFSLOCK_SO"), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    print_error("%s\n", dlerror());
    return -1;
  }
  *(void **)&get_api = dlsym(library, "vfslock_get_api");
  api = get_api ? get_api(VFSLOCK_ABI) : NULL;
  return api ? 0 : -1;
}

int make_folder(void **state) {
  snprintf(folder, sizeof folder, "abi-test.XXXXXX");
  return load_library(state) == 0 && mkdtemp(folder) ? 0 : -1;
}

int remove_folder(void **state) {
  (void)state;
  return rmdir(folder);
}

const char *fresh_uri(void) {
  static char uris[16][64];
  static int next;
  char *uri = uris[next % 16];
  snprintf(uri, sizeof uris[0], "mem://test/%d", next++);
  return uri;
}

vfslock_lock *must_acquire(const char *uri, const vfslock_options *options) {
  vfslock_lock *lock = NULL;
  vfslock_error *error = NULL;
  vfslock_status status;
  while ((status = api->acquire(NULL, uri, options, VFSLOCK_NO_WAIT, NULL, &lock, &error)) == VFSLOCK_LOST)
    api->error_free(error);
  if (status != VFSLOCK_OK) fail_msg("%s: %s", api->status_name(status), api->error_message(error));
  return lock;
}

vfslock_options *new_options(int64_t ttl_ms, int32_t renewal) {
  vfslock_options *options = NULL;
  assert_int_equal(api->options_new(&options, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_set_ttl_ms(options, ttl_ms, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_set_renewal(options, renewal, NULL), VFSLOCK_OK);
  return options;
}

void wait_until_stale(const char *uri) {
  int waited = 0;
  for (;;) {
    vfslock_report *report = NULL;
    int32_t found;
    assert_int_equal(api->inspect(NULL, uri, -1, NULL, &report, NULL), VFSLOCK_OK);
    found = api->report_state(report);
    api->report_free(report);
    if (found == VFSLOCK_REPORT_STALE) return;
    if (++waited > generous_ms) fail_msg("%s does not become stale", uri);
    pause_ms(1);
  }
}

void pause_ms(int ms) {
  struct timespec time;
  time.tv_sec = ms / 1000;
  time.tv_nsec = (long)(ms % 1000) * 1000000;
  nanosleep(&time, NULL);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind, (void)where;
  return remove(path);
}

void remove_tree(const char *folder) { assert_int_equal(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0); }

void wait_for(const int *flag, int least) {
  int waited = 0;
  while (value_of(flag) < least) {
    if (++waited > generous_ms) fail_msg("waited in vain");
    pause_ms(1);
  }
}

int in_child(int (*body)(void *), void *argument) {
  int status = 0;
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(body(argument));
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
