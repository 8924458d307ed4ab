/* What a program does with locks, each kind of call once. */
#ifndef VFSLOCK_TESTS_SESSION_H
#define VFSLOCK_TESTS_SESSION_H

#include "abi.h"

/* 0, or the line of the first call that did otherwise than it should: any thread may run it. The place's name and the
 * names that begin with it must be free. */
int whole_session(const char *uri);

/* Waits until the library's own threads have renewed this lock. */
int is_renewed_by_itself(vfslock_lock *lock);

#endif
