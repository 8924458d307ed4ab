/* F35: a program that closes all descriptors loses its locks and is told so; what it opens under the same numbers
 * afterwards is its own: not a byte is written there, and nothing is closed. */
#define _GNU_SOURCE
#include "abi.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { most_descriptors = 1024, own_files = 64 };

static void close_all(void) {
  int fd;
  for (fd = 3; fd < most_descriptors; ++fd) close(fd);
}

/* Files without a name that take the numbers that were closed: the low ones, and those where locks are kept. */
static int open_own(int *own) {
  int i;
  for (i = 0; i < own_files; ++i) {
    char name[96];
    snprintf(name, sizeof name, "%s/own", folder);
    own[i] = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    unlink(name);
    if (own[i] < 0) return 0;
    if (i >= own_files / 2) {
      const int high = fcntl(own[i], F_DUPFD, 512);
      if (high < 0) return 0;
      close(own[i]);
      own[i] = high;
    }
    if (write(own[i], "mine", 4) != 4) return 0;
  }
  return 1;
}

static int are_untouched(const int *own) {
  int i;
  for (i = 0; i < own_files; ++i) {
    struct stat st;
    char bytes[8];
    if (fstat(own[i], &st) != 0 || st.st_size != 4 || lseek(own[i], 0, SEEK_CUR) != 4) return 0;
    if (pread(own[i], bytes, sizeof bytes, 0) != 4 || memcmp(bytes, "mine", 4) != 0) return 0;
  }
  return 1;
}

/* Asked through descriptions of their own, which every lock on them would hinder. */
static int are_unlocked(const int *own) {
  int i;
  for (i = 0; i < own_files; ++i) {
    char name[64];
    struct flock any;
    int again;
    memset(&any, 0, sizeof any);
    any.l_type = F_WRLCK;
    snprintf(name, sizeof name, "/proc/self/fd/%d", own[i]);
    again = open(name, O_RDWR);
    if (again < 0 || fcntl(again, F_OFD_GETLK, &any) != 0 || any.l_type != F_UNLCK) return 0;
    close(again);
  }
  return 1;
}

static int program(void *unused) {
  char file[128];
  int own[own_files];
  vfslock_cancel *cancel = NULL, *unfired = NULL;
  vfslock_lock *released = NULL, *freed = NULL;
  int64_t left = 0;
  (void)unused;
  if (api->cancel_new(&cancel, NULL) || api->cancel_new(&unfired, NULL)) return 1;
  snprintf(file, sizeof file, "%s/released", folder);
  if (api->acquire(NULL, file, NULL, 0, NULL, &released, NULL) != VFSLOCK_OK) return 2;
  snprintf(file, sizeof file, "%s/freed", folder);
  if (api->acquire(NULL, file, NULL, 0, NULL, &freed, NULL) != VFSLOCK_OK) return 3;
  close_all();
  if (!open_own(own)) return 4;
  if (api->lock_renew(released, -1, -1, NULL, &left, NULL) != VFSLOCK_LOST) return 5;
  if (api->lock_is_held(released)) return 6;
  if (api->lock_release(released, -1, NULL, NULL) != VFSLOCK_LOST) return 7;
  if (!are_unlocked(own)) return 10;
  api->lock_free(released);
  api->lock_free(freed);
  api->cancel_trigger(cancel);
  if (!api->cancel_is_triggered(cancel)) return 8;
  api->cancel_free(cancel);
  api->cancel_free(unfired);
  return are_untouched(own) && are_unlocked(own) ? 0 : 9;
}

typedef struct {
  char file[128];
  int waits, failed;
} waiter;

static int32_t note_waiting(void *user_data, const vfslock_event *event) {
  (void)event;
  add_one(&((waiter *)user_data)->waits);
  return 0;
}

static void *wait_and_release(void *user_data) {
  waiter *its = user_data;
  vfslock_options *options = new_options(30000, 1);
  vfslock_lock *lock = NULL;
  its->failed = 1;
  if (api->options_on_waiting(options, note_waiting, its, NULL, NULL) != VFSLOCK_OK) return NULL;
  if (api->acquire(NULL, its->file, options, generous_ms, NULL, &lock, NULL) != VFSLOCK_OK) return NULL;
  its->failed = api->lock_release(lock, -1, NULL, NULL) != VFSLOCK_OK;
  api->lock_free(lock);
  api->options_free(options);
  return NULL;
}

static int program_with_a_waiter(void *memory) {
  waiter its;
  char record[160], decoy[96];
  int own[own_files], i;
  pthread_t thread;
  vfslock_lock *held = NULL;
  memset(&its, 0, sizeof its);
  snprintf(its.file, sizeof its.file, "%s/waited-for", memory ? "mem://closed" : folder);
  snprintf(record, sizeof record, "%s.lock", its.file);
  snprintf(decoy, sizeof decoy, "%s/decoy", folder);
  if (mkdir(decoy, 0700) != 0) return 7;
  if (api->acquire(NULL, its.file, NULL, 0, NULL, &held, NULL) != VFSLOCK_OK) return 1;
  if (pthread_create(&thread, NULL, wait_and_release, &its) != 0) return 2;
  wait_for(&its.waits, 2); /* it sleeps, or is about to */
  close_all();
  for (i = 0; i < 16; ++i) /* the folder's number is another folder's: no lock may be made there */
    if (open(decoy, O_RDONLY | O_DIRECTORY) < 0) return 8;
  if (!open_own(own)) return 3;
  if (api->lock_release(held, -1, NULL, NULL) != (memory ? VFSLOCK_OK : VFSLOCK_LOST)) return 4;
  api->lock_free(held);
  if (pthread_join(thread, NULL) != 0 || its.failed) return 5;
  if (access(record, F_OK) == 0) return 10; /* the dead holder's: it was not this place that was taken */
  if (rmdir(decoy) != 0) return 9;
  return are_untouched(own) && are_unlocked(own) ? 0 : 6;
}

/* Although nothing can wake it any more. */
static void who_waits_meanwhile_goes_on_and_touches_nothing(void **state) {
  (void)state;
  assert_int_equal(in_child(program_with_a_waiter, NULL), 0);
  assert_int_equal(in_child(program_with_a_waiter, "memory"), 0);
}

static void what_a_program_opens_after_closing_everything_is_its_own(void **state) {
  char name[160];
  (void)state;
  assert_int_equal(in_child(program, NULL), 0);
  snprintf(name, sizeof name, "%s/released.lock", folder);
  assert_int_equal(unlink(name), 0);
  snprintf(name, sizeof name, "%s/freed.lock", folder);
  assert_int_equal(unlink(name), 0);
}

/* None of the first three numbers comes to be the library's: what such a program prints would be in that file. */
static int has_no_streams(void *unused) {
  vfslock_options *options = new_options(1000, 1);
  vfslock_cancel *cancel = NULL;
  vfslock_lock *lock = NULL, *second = NULL;
  char local[160];
  const char *places[2];
  int fd, i;
  (void)unused;
  snprintf(local, sizeof local, "%s/silent", folder);
  places[0] = local;
  places[1] = "mem://silent/x";
  for (fd = 0; fd < 3; ++fd) close(fd);
  for (i = 0; i < 2; ++i) {
    if (api->acquire(NULL, places[i], options, 0, NULL, &lock, NULL) != VFSLOCK_OK) return 1;
    if (api->cancel_new(&cancel, NULL) != VFSLOCK_OK) return 2;
    if (api->acquire(NULL, places[i], NULL, 50, cancel, &second, NULL) != VFSLOCK_TIMEOUT) return 3;
    for (fd = 0; fd < 3; ++fd)
      if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) return 4 + fd;
    api->cancel_trigger(cancel);
    api->cancel_free(cancel);
    if (api->lock_release(lock, -1, NULL, NULL) != VFSLOCK_OK) return 7;
    api->lock_free(lock);
  }
  api->options_free(options);
  return 0;
}

static void the_standard_streams_stay_closed_where_they_are(void **state) {
  (void)state;
  assert_int_equal(in_child(has_no_streams, NULL), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_program_opens_after_closing_everything_is_its_own),
      cmocka_unit_test(who_waits_meanwhile_goes_on_and_touches_nothing),
      cmocka_unit_test(the_standard_streams_stay_closed_where_they_are),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
