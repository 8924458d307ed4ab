/* What the program had set before it used the library is as it was afterwards. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session.h"

extern char **environ;

static void session_everywhere(void) {
  char path[96];
  snprintf(path, sizeof path, "%s/data", folder);
  assert_int_equal(whole_session(path), 0);
  assert_int_equal(whole_session("mem://host-state/data"), 0);
}

static void on_signal(int number) { (void)number; }

static void signals_stay_as_they_were(void **state) {
  struct sigaction before[NSIG], now, action;
  sigset_t mask, mask_before;
  int number;
  (void)state;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
  action.sa_handler = SIG_IGN;
  assert_int_equal(sigaction(SIGUSR2, &action, NULL), 0);
  sigemptyset(&mask);
  sigaddset(&mask, SIGHUP);
  assert_int_equal(pthread_sigmask(SIG_BLOCK, &mask, NULL), 0);
  pthread_sigmask(SIG_BLOCK, NULL, &mask_before);
  memset(before, 0, sizeof before);
  for (number = 1; number < NSIG; ++number) (void)sigaction(number, NULL, &before[number]);
  session_everywhere();
  for (number = 1; number < NSIG; ++number) {
    if (sigaction(number, NULL, &now) != 0) continue;
    assert_ptr_equal((void *)(intptr_t)now.sa_handler, (void *)(intptr_t)before[number].sa_handler);
    assert_int_equal(now.sa_flags, before[number].sa_flags);
  }
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  for (number = 1; number < NSIG; ++number)
    assert_int_equal(sigismember(&mask, number), sigismember(&mask_before, number));
  pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
}

static void the_rest_stays_as_it_was(void **state) {
  char cwd[4096], now[4096], names[256], **copy, **pointer = environ;
  const locale_t thread_locale = uselocale((locale_t)0);
  const int traps = FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW;
  const mode_t old = umask(027);
  size_t count = 0, i;
  (void)state;
  while (environ[count]) ++count;
  copy = calloc(count, sizeof *copy);
  for (i = 0; i < count; ++i) assert_non_null(copy[i] = strdup(environ[i]));
  assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
  snprintf(names, sizeof names, "%s", setlocale(LC_ALL, NULL));
  assert_non_null(getcwd(cwd, sizeof cwd));
  assert_int_equal(fesetround(FE_UPWARD), 0);
  feclearexcept(FE_ALL_EXCEPT);
  assert_int_not_equal(feenableexcept(traps), -1);

  session_everywhere(); /* and no such exception is raised in it */

  assert_int_equal(fegetexcept(), traps);
  fedisableexcept(traps);
  assert_int_equal(fegetround(), FE_UPWARD);
  fesetround(FE_TONEAREST);
  assert_non_null(getcwd(now, sizeof now));
  assert_string_equal(now, cwd);
  assert_string_equal(setlocale(LC_ALL, NULL), names);
  assert_true(uselocale((locale_t)0) == thread_locale);
  assert_ptr_equal(environ, pointer);
  for (i = 0; i < count; ++i) {
    assert_non_null(environ[i]);
    assert_string_equal(environ[i], copy[i]);
    free(copy[i]);
  }
  assert_null(environ[count]);
  free(copy);
  assert_int_equal(umask(old), 027);
  setlocale(LC_ALL, "C");
}

/* How many threads there are besides this one; -1 when one of them would take a signal. */
static int threads_that_block_all(void) {
  DIR *tasks = opendir("/proc/self/task");
  struct dirent *task;
  int count = 0;
  assert_non_null(tasks);
  while ((task = readdir(tasks)) != NULL) {
    char path[300], line[256];
    unsigned long long blocked = 0;
    int found = 0;
    FILE *status;
    if (atoi(task->d_name) <= 0 || atoi(task->d_name) == getpid()) continue;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
    status = fopen(path, "r");
    if (!status) continue; /* has ended meanwhile */
    while (fgets(line, sizeof line, status))
      if (sscanf(line, "SigBlk: %llx", &blocked) == 1) found = 1;
    fclose(status);
    if (!found) continue;
    ++count;
    for (int number = 1; number < NSIG; ++number) {
      /* Those of the C library's own use are never blocked, and the two that nobody can block. */
      const int its_own = number >= 32 && number < SIGRTMIN;
      if (number == SIGKILL || number == SIGSTOP || its_own) continue;
      if (!(blocked >> (number - 1) & 1)) {
        print_error("thread %s takes signal %d\n", task->d_name, number);
        closedir(tasks);
        return -1;
      }
    }
  }
  closedir(tasks);
  return count;
}

static int32_t be_told(void *user_data, const vfslock_event *event) {
  (void)event;
  add_one((int *)user_data);
  return 0;
}

static void no_thread_of_the_library_takes_a_signal(void **state) {
  vfslock_options *options = new_options(1000, 1);
  vfslock_client *client = NULL;
  vfslock_lock *local = NULL, *memory = NULL;
  char path[96];
  int told = 0;
  (void)state;
  snprintf(path, sizeof path, "%s/data", folder);
  assert_int_equal(api->client_new(&client, NULL), VFSLOCK_OK);
  assert_int_equal(api->client_on_log(client, be_told, &told, NULL, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(client, path, options, 0, NULL, &local, NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(client, "mem://host-state/data", options, 0, NULL, &memory, NULL), VFSLOCK_OK);
  assert_true(is_renewed_by_itself(local) && is_renewed_by_itself(memory));
  wait_for(&told, 1);
  assert_true(threads_that_block_all() > 0);
  api->lock_close(local, -1);
  api->lock_close(memory, -1);
  api->client_free(client);
  api->options_free(options);
}

/* Numbers that differ from one tenure to the next, without their separators: 1.5 and 1,5 and 1.500 stay different. */
static void mask(char *text) {
  char *to = text;
  const char *from = text;
  while (*from) {
    const size_t hex = strspn(from, "0123456789abcdef"), digits = strspn(from, "0123456789");
    if (hex >= 32 || digits >= 1) {
      *to++ = hex >= 32 ? 'H' : '0';
      from += hex >= 32 ? hex : digits;
    } else {
      *to++ = *from++;
    }
  }
  *to = 0;
}

/* The bytes at the lock's place, and what the library says of it and of one of another program. */
static void write_and_say(const char *path, const char *foreign, char *said, size_t size) {
  char name[128], bytes[4096];
  vfslock_options *options = new_options(1234567, 1);
  vfslock_report *reports[2];
  vfslock_record *record = NULL;
  vfslock_error *error = NULL;
  vfslock_lock *lock = NULL, *other = NULL;
  FILE *file;
  assert_int_equal(api->options_set_attribute(options, "load", "1.5", NULL), VFSLOCK_OK);
  lock = must_acquire(path, options);
  snprintf(name, sizeof name, "%s.lock", path);
  assert_non_null(file = fopen(name, "r"));
  bytes[fread(bytes, 1, sizeof bytes - 1, file)] = 0;
  fclose(file);
  assert_non_null(strstr(bytes, "\"ttl\":1234567000000"));
  assert_int_equal(api->lock_record(lock, &record, NULL), VFSLOCK_OK);
  assert_int_equal(api->inspect(NULL, path, -1, NULL, &reports[0], NULL), VFSLOCK_OK);
  assert_int_equal(api->inspect(NULL, foreign, -1, NULL, &reports[1], NULL), VFSLOCK_OK);
  assert_int_equal(api->acquire(NULL, path, options, 0, NULL, &other, &error), VFSLOCK_HELD);
  snprintf(said, size, "%s\n%s\n%s\n%s\n%s\n", bytes, api->record_json(record), api->report_json(reports[0]),
      api->report_json(reports[1]), api->error_message(error));
  mask(said);
  api->error_free(error);
  assert_int_equal(api->options_set(options, "ttl", "1.5s", &error), VFSLOCK_INVALID_ARGUMENT);
  snprintf(said + strlen(said), size - strlen(said), "%s\n", api->error_message(error));
  api->error_free(error);
  api->record_free(record);
  api->report_free(reports[0]);
  api->report_free(reports[1]);
  api->lock_close(lock, -1);
  api->options_free(options);
}

static void a_german_host_changes_no_byte(void **state) {
  char path[96], foreign[96], name[128], command[320], plain[16384], german[16384], number[16];
  char locales[80];
  FILE *file;
  (void)state;
  snprintf(locales, sizeof locales, "%s-locales", folder);
  snprintf(command, sizeof command, "mkdir %s && localedef --quiet -c -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>&1", locales,
      locales);
  if (system(command) != 0) {
    print_message("SKIP: a locale with decimal commas: localedef cannot make de_DE\n");
    remove_tree(locales);
    return;
  }
  snprintf(path, sizeof path, "%s/data", folder);
  snprintf(foreign, sizeof foreign, "%s/foreign", folder);
  snprintf(name, sizeof name, "%s.lock", foreign);
  assert_non_null(file = fopen(name, "w"));
  fputs("{\"createdAt\":\"2026-05-04T10:00:00.5Z\",\"ttl\":50000000000,\"hostname\":\"web1\",\"pid\":4711,\"ownerId\":\"a\","
        "\"load\":1.5,\"share\":0.1,\"large\":1e21}", file);
  fclose(file);

  write_and_say(path, foreign, plain, sizeof plain);
  setenv("LOCPATH", locales, 1);
  assert_non_null(setlocale(LC_ALL, "de_DE.UTF-8"));
  assert_int_equal(fesetround(FE_UPWARD), 0);
  snprintf(number, sizeof number, "%.1f", 1.5);
  assert_string_equal(number, "1,5");
  write_and_say(path, foreign, german, sizeof german);
  assert_int_equal(fegetround(), FE_UPWARD);
  fesetround(FE_TONEAREST);
  setlocale(LC_ALL, "C");
  unsetenv("LOCPATH");
  assert_string_equal(german, plain);
  assert_int_equal(unlink(name), 0);
  remove_tree(locales);
}

static int got;
static void count_signal(int number) {
  (void)number;
  add_one(&got);
}

/* In a child, for the limit stays. */
static int reach_the_size_limit(void *unused) {
  const struct rlimit nothing = {0, 0};
  struct sigaction action, after;
  vfslock_lock *held = NULL, *lock = NULL;
  vfslock_error *error = NULL;
  sigset_t pending;
  char path[96], other[96];
  (void)unused;
  snprintf(path, sizeof path, "%s/held", folder);
  snprintf(other, sizeof other, "%s/data", folder);
  memset(&action, 0, sizeof action);
  action.sa_handler = count_signal;
  if (sigaction(SIGXFSZ, &action, NULL) != 0) return 1;
  if (api->acquire(NULL, path, NULL, 0, NULL, &held, NULL) != VFSLOCK_OK) return 2;
  if (setrlimit(RLIMIT_FSIZE, &nothing) != 0) return 3;
  if (api->acquire(NULL, other, NULL, 0, NULL, &lock, &error) != VFSLOCK_NO_SPACE) return 4;
  api->error_free(error);
  if (api->lock_renew(held, 10000, -1, NULL, NULL, NULL) != VFSLOCK_NO_SPACE || !api->lock_is_held(held)) return 10;
  if (api->lock_release(held, -1, NULL, NULL) != VFSLOCK_OK) return 5; /* needs no space */
  api->lock_free(held);
  if (value_of(&got) != 0) return 6;
  if (sigpending(&pending) != 0 || sigismember(&pending, SIGXFSZ)) return 7;
  if (sigaction(SIGXFSZ, NULL, &after) != 0 || after.sa_handler != count_signal) return 8;
  if (raise(SIGXFSZ) != 0 || value_of(&got) != 1) return 9; /* the program's own still comes */
  return 0;
}

static void a_limit_of_file_sizes_sends_no_signal(void **state) {
  (void)state;
  assert_int_equal(in_child(reach_the_size_limit, NULL), 0);
  assert_int_equal(rmdir(folder), 0); /* nothing was left behind */
  assert_int_equal(mkdir(folder, 0700), 0);
}

static void *run_session(void *uri) { return (void *)(intptr_t)whole_session(uri); }

static void stacks_of_64_kib_are_enough(void **state) {
  char path[96];
  const char *const uris[] = {path, "mem://host-state/data"};
  pthread_attr_t attributes;
  int i;
  (void)state;
  snprintf(path, sizeof path, "%s/data", folder);
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstacksize(&attributes, 64 * 1024), 0);
  for (i = 0; i < 2; ++i) {
    pthread_t thread;
    void *wrong = NULL;
    assert_int_equal(pthread_create(&thread, &attributes, run_session, (void *)uris[i]), 0);
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_int_equal((intptr_t)wrong, 0);
  }
  pthread_attr_destroy(&attributes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_limit_of_file_sizes_sends_no_signal), /* the first: its child needs no threads of its parent */
      cmocka_unit_test(the_rest_stays_as_it_was), /* before others use the library: what is set once is set then */
      cmocka_unit_test(signals_stay_as_they_were),
      cmocka_unit_test(no_thread_of_the_library_takes_a_signal),
      cmocka_unit_test(a_german_host_changes_no_byte),
      cmocka_unit_test(stacks_of_64_kib_are_enough),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
