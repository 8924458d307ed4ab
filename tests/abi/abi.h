/* What the tests of the C interface share: the table, as a program gets it that loads the library itself. */
#ifndef VFSLOCK_TESTS_ABI_H
#define VFSLOCK_TESTS_ABI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <vfslock/vfslock.h>

enum { generous_ms = 60000 }; /* until a condition that must come true has not come true */

extern const vfslock_api *api;
extern void *library;

/* A group setup: loads the library that VFSLOCK_SO names. */
int load_library(void **state);

/* A group setup and teardown: the library, and a folder of this group's own, which must be empty at the end. Not in
 * /tmp: others could hold locks up there. */
extern char folder[64];
int make_folder(void **state);
int remove_folder(void **state);

/* A URI in a memory of its own; valid until the next 15 calls. */
const char *fresh_uri(void);

/* Acquires or fails the test. A short lease may be over before the grant arrives (VFSLOCK_LOST): then once more. */
vfslock_lock *must_acquire(const char *uri, const vfslock_options *options);
vfslock_options *new_options(int64_t ttl_ms, int32_t renewal);

void wait_until_stale(const char *uri);

/* Waits until *flag is at least `least`; fails the test when it takes too long. */
void wait_for(const int *flag, int least);
void pause_ms(int ms);

/* With all that is in it. */
void remove_tree(const char *folder);

/* Runs in a forked child; returns its exit code, or 128 + the signal that ended it. */
int in_child(int (*body)(void *), void *argument);

/* For counters that threads share. */
#define add_one(counter) __atomic_add_fetch((counter), 1, __ATOMIC_SEQ_CST)
#define value_of(counter) __atomic_load_n((counter), __ATOMIC_SEQ_CST)

#endif
