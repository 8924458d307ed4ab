/* Loaded and dropped 1,000 times. The library stays in the process once it is loaded (-z nodelete), for its threads run
 * on and its fork handlers cannot be taken back: a load after the first one costs nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

enum { rounds = 1000, few = 100, alone = 3 /* this thread, . and .. */ };

static int entries(const char *path) {
  DIR *folder = opendir(path);
  int count = 0;
  assert_non_null(folder);
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

/* Threads end a moment after what they worked for. */
static void until_at_most(const char *path, int most) {
  int waited, found = most + 1;
  for (waited = 0; (found = entries(path)) > most && waited < generous_ms; ++waited) pause_ms(1);
  assert_in_range(found, 1, most);
}

/* Without what the heap maps, which has no name and need not grow by rounds but may by chance. */
static int named_mappings(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[4400];
  int count = 0;
  assert_non_null(maps);
  while (fgets(line, sizeof line, maps))
    if (strchr(line, '/')) ++count;
  fclose(maps);
  return count;
}

static long resident_kib(void) {
  unsigned long size = 0, resident = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  assert_non_null(statm);
  assert_int_equal(fscanf(statm, "%lu %lu", &size, &resident), 2);
  fclose(statm);
  return (long)(resident * (unsigned long)sysconf(_SC_PAGESIZE) / 1024);
}

static void load_use_and_drop(const char *path, int round) {
  vfslock_client *client = NULL;
  vfslock_options *options;
  vfslock_lock *lock = NULL;
  if (round % 4 == 0) path = "mem://loading/data";
  assert_int_equal(load_library(NULL), 0);
  if (round % 2 == 0) {
    options = new_options(30000, 1);
    assert_int_equal(api->client_new(&client, NULL), VFSLOCK_OK);
    assert_int_equal(api->acquire(client, path, options, 0, NULL, &lock, NULL), VFSLOCK_OK);
    assert_int_equal(api->lock_renew(lock, VFSLOCK_TTL_SAME, -1, NULL, NULL, NULL), VFSLOCK_OK);
    assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
    api->lock_free(lock);
    api->client_free(client);
    api->options_free(options);
  }
  assert_int_equal(dlclose(library), 0);
}

static void nothing_grows(void **state) {
  char folder[] = "loading-test.XXXXXX", path[64];
  int threads, descriptors, mappings, i;
  long resident;
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/data", folder);
  for (i = 0; i < few; ++i) load_use_and_drop(path, i);
  until_at_most("/proc/self/task", alone + 2);
  threads = entries("/proc/self/task");
  descriptors = entries("/proc/self/fd");
  mappings = named_mappings();
  resident = resident_kib();
  for (i = 0; i < rounds; ++i) load_use_and_drop(path, i);
  /* A client's threads go with it, and not only some time later: there would be hundreds now. */
  assert_in_range(entries("/proc/self/task"), 1, threads + few);
  until_at_most("/proc/self/task", threads);
  assert_in_range(entries("/proc/self/fd"), 1, descriptors);
  assert_in_range(named_mappings(), 1, mappings);
  /* A loss of 2 KiB a round would be seen. */
  assert_in_range(resident_kib(), 0, resident + 2 * rounds);
  assert_int_equal(rmdir(folder), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_grows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
