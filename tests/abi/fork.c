/* F13: whatever a forked child does, its parent's lock stays, and the child is no owner. */
#include "abi.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char file[128];

static int name_file(void **state) {
  if (make_folder(state) != 0) return -1;
  snprintf(file, sizeof file, "%s/data", folder);
  return 0;
}

static vfslock_status tried(const char *uri) {
  vfslock_lock *lock = NULL;
  const vfslock_status status = api->acquire(NULL, uri, NULL, VFSLOCK_NO_WAIT, NULL, &lock, NULL);
  api->lock_close(lock, -1);
  return status;
}

/* What a forked child can see of its own. */
static int wrong_in_child(vfslock_lock *lock) {
  vfslock_record *record = NULL;
  int64_t left = 42;
  int32_t fd = 42;
  if (api->lock_state(lock) != VFSLOCK_STATE_FORKED) return 1;
  if (api->lock_is_held(lock) != 0 || api->lock_remaining_ms(lock) != 0) return 2;
  if (api->lock_renew(lock, -1, -1, NULL, &left, NULL) != VFSLOCK_FORKED) return 3;
  if (api->lock_check(lock, -1, NULL, &left, NULL) != VFSLOCK_FORKED) return 4;
  if (api->lock_release(lock, -1, NULL, NULL) != VFSLOCK_FORKED) return 5;
  if (api->lock_record(lock, &record, NULL) != VFSLOCK_FORKED || api->lock_inherit(lock, &fd, NULL) != VFSLOCK_FORKED) return 6;
  if (left != 42 || fd != 42) return 7;
  if (strlen(api->lock_id(lock)) != 32 || api->lock_token(lock) <= 0) return 8;
  return 0;
}

static int child_looks(void *lock) { return wrong_in_child(lock); }

static int child_closes(void *lock) {
  api->lock_close(lock, -1);
  return tried(file) == VFSLOCK_HELD ? 0 : 1;
}

static int child_frees(void *lock) {
  api->lock_free(lock);
  return tried(file) == VFSLOCK_HELD ? 0 : 1;
}

static int child_locks(void *lock) {
  char other[160];
  vfslock_lock *own = NULL;
  vfslock_options *options = NULL;
  int64_t left = 0;
  int renewed = 0;
  vfslock_record *record = NULL;
  (void)lock;
  snprintf(other, sizeof other, "%s/child", folder);
  if (tried(file) != VFSLOCK_HELD) return 1;
  if (api->options_new(&options, NULL) || api->options_set_ttl_ms(options, 1000, NULL)) return 2;
  if (api->acquire(NULL, other, options, 0, NULL, &own, NULL) != VFSLOCK_OK) return 3;
  while (!renewed) { /* by the child's own threads */
    if (api->lock_record(own, &record, NULL) != VFSLOCK_OK) return 4;
    renewed = strstr(api->record_json(record), "\"seq\":\"1\"") == NULL;
    api->record_free(record);
    pause_ms(5);
  }
  if (api->lock_renew(own, -1, -1, NULL, &left, NULL) != VFSLOCK_OK || left <= 0) return 5;
  if (api->lock_release(own, -1, NULL, NULL) != VFSLOCK_OK) return 6;
  api->lock_free(own);
  api->options_free(options);
  return 0;
}

static int child_execs(void *lock) {
  (void)lock;
  execl("/bin/true", "true", (char *)NULL);
  return 1;
}

static int child_exits(void *lock) {
  (void)lock;
  exit(0); /* with everything that runs at exit */
}

static void a_child_changes_nothing(void **state) {
  int (*const children[])(void *) = {child_looks, child_closes, child_frees, child_locks, child_execs, child_exits};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof children / sizeof *children; i++) {
    vfslock_lock *lock = must_acquire(file, NULL);
    int64_t left = 0;
    const int code = in_child(children[i], lock);
    if (code != 0) fail_msg("child %d: %d", (int)i, code);
    assert_int_equal(api->lock_state(lock), VFSLOCK_STATE_OK);
    assert_int_equal(tried(file), VFSLOCK_HELD);
    assert_int_equal(api->lock_check(lock, -1, NULL, &left, NULL), VFSLOCK_OK);
    assert_int_equal(api->lock_renew(lock, -1, -1, NULL, &left, NULL), VFSLOCK_OK);
    assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
    assert_int_equal(tried(file), VFSLOCK_OK);
    api->lock_free(lock);
  }
}

static void a_child_that_outlives_its_parent_does_not_keep_the_lock(void **state) {
  int alive[2], end[2];
  char byte = 0;
  pid_t parent;
  (void)state;
  assert_int_equal(pipe(alive), 0);
  assert_int_equal(pipe(end), 0);
  parent = fork();
  assert_true(parent >= 0);
  if (parent == 0) {
    vfslock_lock *lock = NULL;
    if (api->acquire(NULL, file, NULL, 0, NULL, &lock, NULL) != VFSLOCK_OK) _exit(1);
    if (fork() == 0) { /* lives until the test closes its end */
      close(alive[1]);
      close(end[1]);
      (void)!read(end[0], &byte, 1);
      _exit(0);
    }
    if (write(alive[1], "x", 1) != 1) _exit(1);
    (void)!read(end[0], &byte, 1);
    _exit(0); /* without release: dies */
  }
  close(end[0]);
  close(alive[1]);
  assert_int_equal(read(alive[0], &byte, 1), 1);
  assert_int_equal(tried(file), VFSLOCK_HELD);
  assert_int_equal(kill(parent, 9), 0);
  assert_int_equal(waitpid(parent, NULL, 0), parent);
  {
    vfslock_lock *lock = NULL; /* long before its 30 s are over, though its child lives */
    assert_int_equal(api->acquire(NULL, file, NULL, 15000, NULL, &lock, NULL), VFSLOCK_OK);
    api->lock_close(lock, -1);
  }
  close(end[1]);
  close(alive[0]);
}

static void memory_is_each_processes_own(void **state) {
  vfslock_lock *lock = must_acquire("mem://fork/x", NULL);
  (void)state;
  assert_int_equal(in_child(child_looks, lock), 0);
  assert_int_equal(api->lock_is_held(lock), 1);
  assert_int_equal(tried("mem://fork/x"), VFSLOCK_HELD);
  api->lock_close(lock, -1);
}

/* Forks while other threads are in the library, in its mutexes and the kernel's. */
static int stop;
static void *keep_busy(void *argument) {
  char uri[160];
  snprintf(uri, sizeof uri, "%s/busy-%d", folder, *(int *)argument);
  while (!value_of(&stop)) {
    vfslock_lock *lock = NULL, *memory = NULL;
    if (api->acquire(NULL, uri, NULL, 0, NULL, &lock, NULL) == VFSLOCK_OK) {
      (void)api->lock_renew(lock, -1, -1, NULL, NULL, NULL);
      api->lock_close(lock, -1);
    }
    if (api->acquire(NULL, "mem://fork/busy", NULL, 0, NULL, &memory, NULL) == VFSLOCK_OK) api->lock_close(memory, -1);
  }
  return NULL;
}

static int child_of_a_busy_parent(void *lock) {
  const int wrong = wrong_in_child(lock);
  if (wrong) return wrong;
  if (tried(file) != VFSLOCK_HELD) return 20;
  if (tried("mem://fork/child") != VFSLOCK_OK) return 21;
  api->lock_close(lock, -1);
  return 0;
}

static void a_fork_in_the_middle_of_everything(void **state) {
  enum { threads = 4 };
  pthread_t busy[threads];
  int numbers[threads], i;
  vfslock_lock *lock = must_acquire(file, NULL);
  (void)state;
  for (i = 0; i < threads; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&busy[i], NULL, keep_busy, &numbers[i]), 0);
  }
  for (i = 0; i < 50; i++) {
    const int code = in_child(child_of_a_busy_parent, lock);
    if (code != 0) fail_msg("fork %d: %d", i, code);
    assert_int_equal(api->lock_is_held(lock), 1);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (i = 0; i < threads; i++) assert_int_equal(pthread_join(busy[i], NULL), 0);
  api->lock_close(lock, -1);
}

/* What a child finds that was forked inside a handler or while others wait; it ends without going back into it. */
static int child_begins_afresh(void *held) {
  vfslock_report *report = NULL;
  if (held && wrong_in_child(held) != 0) return 1;
  if (tried(file) != VFSLOCK_HELD) return 2;
  if (tried("mem://fork/afresh") != VFSLOCK_OK) return 3;
  if (api->inspect(NULL, file, -1, NULL, &report, NULL) != VFSLOCK_OK) return 4;
  api->report_free(report);
  return 0;
}

/* Inside a handler that decides nothing that touches a storage is allowed, in the child as in its parent. */
static int child_is_inside_a_decision(void *unused) {
  (void)unused;
  return tried(file) == VFSLOCK_REENTRANT && tried("mem://fork/afresh") == VFSLOCK_REENTRANT ? 0 : 1;
}

typedef struct {
  int (*child)(void *);
  int calls, code;
} forking;

static int32_t fork_inside(void *user_data, const vfslock_event *event) {
  forking *its = user_data;
  if (value_of(&its->calls) == 0) its->code = in_child(its->child, api->event_lock(event));
  add_one(&its->calls);
  return 0;
}

static int child_of_a_loser(void *lock) {
  if (api->lock_is_held(lock) || api->lock_renew(lock, -1, -1, NULL, NULL, NULL) == VFSLOCK_OK) return 10;
  return child_begins_afresh(NULL);
}

static void a_fork_inside_each_handler(void **state) {
  vfslock_options *brief = new_options(5, 0), *deciding = new_options(30000, 1);
  vfslock_lock *holder = must_acquire(file, NULL), *lost = NULL, *stale = NULL, *lock = NULL;
  forking in_lost = {child_of_a_loser, 0, -1}, in_stale = {child_is_inside_a_decision, 0, -1}, in_waiting = in_stale;
  (void)state;
  assert_int_equal(api->options_on_stale(deciding, fork_inside, &in_stale, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->options_on_waiting(deciding, fork_inside, &in_waiting, NULL, NULL), VFSLOCK_OK);
  stale = must_acquire("mem://fork/stale", brief);
  wait_until_stale("mem://fork/stale");
  assert_int_equal(api->acquire(NULL, "mem://fork/stale", deciding, 0, NULL, &lock, NULL), VFSLOCK_OK);
  assert_int_equal(in_stale.calls, 1);
  assert_int_equal(in_stale.code, 0);
  api->lock_close(lock, -1);
  api->lock_free(stale);

  assert_int_equal(api->acquire(NULL, file, deciding, 20, NULL, &lock, NULL), VFSLOCK_TIMEOUT);
  assert_true(in_waiting.calls > 0);
  assert_int_equal(in_waiting.code, 0);

  assert_int_equal(api->options_on_lost(brief, fork_inside, &in_lost, NULL, NULL), VFSLOCK_OK);
  lost = must_acquire("mem://fork/lost", brief);
  wait_for(&in_lost.calls, 1);
  api->lock_free(lost);
  assert_int_equal(in_lost.code, 0);

  api->options_free(brief);
  api->options_free(deciding);
  api->lock_close(holder, -1);
}

static int32_t fork_and_go_on(void *user_data, const vfslock_event *event) {
  pid_t *child = user_data;
  (void)event;
  if (*child < 0) *child = fork();
  return 0;
}

/* Both processes wait on; the child finds a memory in which nobody holds anything. */
static void a_child_may_go_on_with_its_parents_wait(void **state) {
  const char *const uris[] = {file, "mem://fork/go-on"};
  int i;
  (void)state;
  for (i = 0; i < 2; i++) {
    const vfslock_status in_child = i == 0 ? VFSLOCK_TIMEOUT : VFSLOCK_OK;
    vfslock_options *options = new_options(30000, 1);
    vfslock_lock *holder = must_acquire(uris[i], NULL), *lock = NULL;
    vfslock_status status;
    pid_t child = -1;
    int code = 0;
    assert_int_equal(api->options_on_waiting(options, fork_and_go_on, &child, NULL, NULL), VFSLOCK_OK);
    status = api->acquire(NULL, uris[i], options, 1500, NULL, &lock, NULL);
    if (child == 0) _exit(status == in_child && api->lock_is_held(lock) == (in_child == VFSLOCK_OK) ? 0 : 1);
    assert_int_equal(status, VFSLOCK_TIMEOUT);
    assert_true(child > 0 && waitpid(child, &code, 0) == child);
    assert_int_equal(code, 0);
    assert_true(api->lock_is_held(holder));
    api->lock_close(holder, -1);
    api->options_free(options);
  }
}

static int32_t count(void *user_data, const vfslock_event *event) {
  (void)event;
  add_one((int *)user_data);
  return 0;
}

static void *wait_for_the_file(void *waiting) {
  vfslock_options *options = new_options(30000, 1);
  vfslock_lock *lock = NULL;
  vfslock_status status;
  assert_int_equal(api->options_on_waiting(options, count, waiting, NULL, NULL), VFSLOCK_OK);
  status = api->acquire(NULL, file, options, generous_ms, NULL, &lock, NULL);
  api->lock_close(lock, -1);
  api->options_free(options);
  return (void *)(intptr_t)status;
}

static void a_fork_while_another_thread_waits(void **state) {
  vfslock_lock *holder = must_acquire(file, NULL);
  pthread_t thread;
  void *status = NULL;
  int waiting = 0, i;
  (void)state;
  assert_int_equal(pthread_create(&thread, NULL, wait_for_the_file, &waiting), 0);
  wait_for(&waiting, 1);
  for (i = 0; i < 20; i++) assert_int_equal(in_child(child_begins_afresh, holder), 0);
  api->lock_close(holder, -1);
  assert_int_equal(pthread_join(thread, &status), 0);
  assert_int_equal((intptr_t)status, VFSLOCK_OK);
}

/* A detached tenure belongs to whoever knows its id, a child too, but not by its parent's handle. */
static int child_resumes(void *lock) {
  vfslock_lock *again = NULL;
  const int wrong = wrong_in_child(lock);
  char id[64];
  if (wrong) return wrong;
  snprintf(id, sizeof id, "%s", api->lock_id(lock));
  api->lock_close(lock, -1);
  if (api->resume(NULL, file, id, NULL, -1, NULL, &again, NULL) != VFSLOCK_OK) return 20;
  if (!api->lock_is_held(again)) return 21;
  api->lock_free(again);
  return 0;
}

static void a_detached_tenure_in_a_child(void **state) {
  vfslock_options *options = new_options(60000, 0);
  vfslock_lock *lock;
  (void)state;
  assert_int_equal(api->options_set_detached(options, 1, NULL), VFSLOCK_OK);
  lock = must_acquire(file, options);
  assert_int_equal(in_child(child_resumes, lock), 0);
  assert_int_equal(tried(file), VFSLOCK_HELD);
  assert_int_equal(api->lock_check(lock, -1, NULL, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->lock_release(lock, -1, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(tried(file), VFSLOCK_OK);
  api->lock_free(lock);
  api->options_free(options);
}

static int child_uses_a_cancel(void *cancel) {
  api->cancel_trigger(cancel);
  return api->cancel_is_triggered(cancel) ? 0 : 1;
}

static void a_childs_cancel_is_its_own(void **state) {
  vfslock_cancel *cancel = NULL;
  vfslock_lock *lock = NULL, *holder = must_acquire("mem://fork/cancel", NULL);
  (void)state;
  assert_int_equal(api->cancel_new(&cancel, NULL), VFSLOCK_OK);
  assert_int_equal(in_child(child_uses_a_cancel, cancel), 0);
  assert_int_equal(api->cancel_is_triggered(cancel), 0);
  assert_int_equal(api->acquire(NULL, "mem://fork/cancel", NULL, 30, cancel, &lock, NULL), VFSLOCK_TIMEOUT);
  api->cancel_free(cancel);
  api->lock_close(holder, -1);
}

static void no_descriptor_leaks_into_a_program(void **state) {
  char listed[64] = "";
  vfslock_lock *lock = must_acquire(file, NULL), *waited = NULL;
  vfslock_cancel *cancel = NULL;
  FILE *shell;
  (void)state;
  assert_int_equal(api->cancel_new(&cancel, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, file, NULL, 20, cancel, &waited, NULL), VFSLOCK_TIMEOUT);
  /* Of ours nothing may be there: locks keep their descriptors high, and the others are named. */
  shell = popen("ls -l /proc/self/fd | grep -c -e eventfd -e inotify -e data.lock", "r");
  assert_non_null(shell);
  assert_non_null(fgets(listed, sizeof listed, shell));
  pclose(shell);
  assert_string_equal(listed, "0\n");
  api->cancel_free(cancel);
  api->lock_close(lock, -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_child_changes_nothing),
      cmocka_unit_test(a_child_that_outlives_its_parent_does_not_keep_the_lock),
      cmocka_unit_test(memory_is_each_processes_own),
      cmocka_unit_test(a_fork_in_the_middle_of_everything),
      cmocka_unit_test(a_fork_inside_each_handler),
      cmocka_unit_test(a_fork_while_another_thread_waits),
      cmocka_unit_test(a_child_may_go_on_with_its_parents_wait),
      cmocka_unit_test(a_detached_tenure_in_a_child),
      cmocka_unit_test(a_childs_cancel_is_its_own),
      cmocka_unit_test(no_descriptor_leaks_into_a_program),
  };
  return cmocka_run_group_tests(tests, name_file, remove_folder);
}
