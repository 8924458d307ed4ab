/* What the figures are measured against: system calls by hand, with nothing around them. */
#ifndef VFSLOCK_BENCH_BARE_H
#define VFSLOCK_BENCH_BARE_H

#ifdef __cplusplus
extern "C" {
#endif

/* One acquire and release of PATH/data, by the system calls that vfslock makes for it (a test compares them).
 * They return 0, or -1 with errno. */
int bare_removed(const char *path);
int bare_kept(const char *path); /* the released record is there already */

/* The least that any lock file costs: O_CREAT|O_EXCL, write, close, unlink. */
int bare_least(const char *path);

#ifdef __cplusplus
}
#endif
#endif
