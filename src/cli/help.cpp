#include "cli/help.hpp"

namespace vfslock::cli {

// Lines are at most 80 columns wide; a test measures the pages.

const char *const general_help = R"(Each subcommand has its own page, as in: vfslock run --help

Examples:
  vfslock run in/data.csv -- sort -o in/data.csv in/data.csv
  vfslock status in/data.csv
  id=$(vfslock acquire in/data.csv) && ./work; vfslock release in/data.csv "$id"

Environment:
  VFSLOCK_LOG        debug, info or warning: what is done, on standard error
  VFSLOCK_STATE_DIR  where is kept what was learned of servers and holders
                     [~/.local/state/vfslock]
  and one variable for each key of the library: see vfslock probe --help

Exit codes of vfslock itself:
  0    done; status: the lock is free
  64   wrong usage, an invalid URI
  69   the storage cannot be reached
  70   internal error
  74   an error of the storage: a missing folder, a corrupt record, an unsafe
       path; output that cannot be written
  75   held by another, still held when the wait ended, or refused (--on-stale)
  76   the lock was lost, while the command ran or before it was resumed
  77   not allowed, or not authenticated
  78   the storage guarantees less than required, or cannot be locked at all
  126  the command cannot be executed
  127  the command was not found)";

const char *const run_help =
    R"(Takes the lock of URI, runs COMMAND, and gives the lock back when COMMAND ends.
Meanwhile the lock is renewed, and whoever else wants it is told who holds it.
DURATION is a whole number with a unit: 500ms, 30s, 5m, 1h; only -w takes
seconds without one. Who knows flock finds -n, -w, -c and -E.

COMMAND finds in its environment:
  VFSLOCK_TOKEN   the fencing token, a number that grows with each grant: give
                  it to what checks it
  VFSLOCK_URI     what is locked
  VFSLOCK_RECORD  the lock's record as it was when COMMAND started, JSON

COMMAND gets what run was started with: open files, working directory, ignored
and blocked signals. It runs in a process group of its own. Signals that run
gets are passed to the whole group. On a terminal it is the foreground group,
so that Ctrl-C, Ctrl-Z, fg and bg work as without run; in a pipeline it becomes
that when it asks for the terminal.

When the lock cannot be renewed, the group gets TERM with a quarter of the TTL
left, and KILL with an eighth. When the lock is lost at once (its record was
removed or replaced), it gets TERM, and KILL a quarter of a second later. A
stopped run ends nothing: continued, it renews first, and continues COMMAND only
if the lock is still held. Processes that left the group (daemons, jobs of an
interactive shell) are not ended.

When run itself is killed, COMMAND is killed with it. On local disks COMMAND
also inherits a descriptor that keeps the lock: until COMMAND and all its
children closed it, but no longer than the TTL since the last renewal (with
--ttl never until they closed it). So what COMMAND started works on under the
lock. What COMMAND leaves running when it ends does not keep the lock.

A COMMAND that changes its user or group (su, sudo, setpriv) is not killed with
run: the kernel forgets that wish then. Write it the other way round, as in
sudo -u USER vfslock run URI -- COMMAND.

With --json each message is one object on a line: "event" (waiting, acquired,
refused, interrupted, at_risk, ending, lost, not_released, error), "message",
and where there is one "record" (the holder's) and "exit_code".

Exit codes of run can also be those of COMMAND. The file that the variable
VFSLOCK_STATUS_FILE names gets the outcome as one JSON object: "outcome"
(command, or an event as above), "exit_code", "message".

Examples:
  vfslock run in/data.csv -- sort -o in/data.csv in/data.csv
  vfslock run --wait 1m --owner nightly in/data.csv -- ./ingest
  vfslock run --wait forever --ttl 5m db -- sh -c 'dump db > "$VFSLOCK_TOKEN"'

Exit codes: COMMAND's own (128 + n when signal n ended it), or
  64   wrong usage, an invalid URI
  69   the storage cannot be reached
  70   internal error
  74   an error of the storage: a missing folder, a corrupt record, an unsafe
       path
  75   held by another, still held when the wait ended, or refused by
       --on-stale (see -E)
  76   the lock was lost while COMMAND ran, or COMMAND was ended because the
       lock could not be renewed
  77   not allowed, or not authenticated
  78   the storage guarantees less than --require, or cannot be locked at all
  126  COMMAND cannot be executed
  127  COMMAND was not found
  130  interrupted by Ctrl-C while waiting; 128 + n for another signal n
When the lock could not be given back, run says so; its exit code tells it only
if COMMAND ended with 0.)";

const char *const acquire_help =
    R"(Takes the lock of URI, prints its id, and ends. No process keeps the lock: it
lives by its lease alone, so renew it before --ttl is over, and release it when
the work is done, from any process on any host that has the id. Where one
command does the work, run is safer: it renews, and it ends the command when the
lock is lost. DURATION is a whole number with a unit: 500ms, 30s, 5m, 1h; only
-w takes seconds without one.

With --json one object is printed: "uri", "id", "token" (the fencing token),
"remaining_ms" (-1: no time ends it), "expires_unix_ms".

Examples:
  id=$(vfslock acquire --ttl 10m in/data.csv) || exit
  vfslock acquire --wait 1m --owner nightly --json s3://bucket/in/data.csv

Exit codes:
  0    taken, and the id printed
  64   wrong usage, an invalid URI
  69   the storage cannot be reached
  70   internal error
  74   an error of the storage: a missing folder, a corrupt record, an unsafe
       path; output that cannot be written (then the lock is given back)
  75   held by another, still held when the wait ended, or refused by
       --on-stale (see -E)
  77   not allowed, or not authenticated
  78   the storage guarantees less than --require, or cannot be locked at all
  130  interrupted by Ctrl-C while waiting; 128 + n for another signal n)";

const char *const renew_help =
    R"(Renews the lock that acquire took, by the ID that it printed: it lives for its
TTL from now on. What was not renewed in time may be lost; as long as nobody
else took it, it can still be renewed.

Examples:
  vfslock renew in/data.csv "$id"
  vfslock renew --ttl 1h --json in/data.csv "$id"

Exit codes:
  0    renewed
  64   wrong usage, an invalid URI, a lock that acquire did not take
  69   the storage cannot be reached
  70   internal error
  74   another error of the storage, or output that cannot be written
  76   lost: another holds it, or it was released or removed
  77   not allowed, or not authenticated
  78   the storage cannot be locked)";

const char *const release_help =
    R"(Gives back the lock that acquire took, by the ID that it printed.

Examples:
  vfslock release in/data.csv "$id"

Exit codes:
  0    free
  64   wrong usage, an invalid URI, a lock that acquire did not take
  69   the storage cannot be reached
  70   internal error
  74   another error of the storage, or output that cannot be written
  76   lost: another holds it, or it was released or removed
  77   not allowed, or not authenticated
  78   the storage cannot be locked)";

const char *const watch_help =
    R"(Looks without taking the lock, again and again, until a signal ends it. On a
terminal one line is kept fresh; elsewhere each change is a line of its own.
DURATION is a whole number with a unit: 500ms, 30s, 5m, 1h.

Examples:
  vfslock watch in/data.csv
  vfslock watch --json --interval 5s s3://bucket/in/data.csv

Exit codes:
  64   wrong usage, an invalid URI
  70   internal error
  74   another error of the storage, or output that cannot be written
  77   not allowed, or not authenticated
  78   the storage cannot be locked
  130  ended by Ctrl-C; 128 + n for another signal n)";

const char *const list_help =
    R"(Prints one line for each lock below PREFIX, at any depth: who holds it, or what
else stands there. A file of another program whose name looks like a lock's is
listed too, as what cannot be understood.

Examples:
  vfslock ls
  vfslock ls --json s3://bucket/in

Exit codes:
  0    printed, also when there is none
  64   wrong usage, an invalid URI
  69   the storage cannot be reached
  70   internal error
  74   a missing folder, another error of the storage, or output that cannot be
       written
  77   not allowed, or not authenticated
  78   the storage cannot be listed)";

const char *const break_help =
    R"(Ends a tenure whose holder does not end it: one that no time ends, or a record
that nobody can read. ID names what is ended, and nothing else is; without it
break says who holds the lock, and by which ID it would be ended. The next may
enter at once. A holder that lives learns of it only at its next renewal: make
sure first that it does not work any more.

Examples:
  vfslock break in/data.csv
  vfslock break in/data.csv 9f0c4d2e8b7a4c1f9e3d5a6b7c8d9e0f

Exit codes:
  0    broken
  64   wrong usage, an invalid URI, no ID
  69   the storage cannot be reached
  70   internal error
  74   there is no lock to break; another error of the storage, or output that
       cannot be written
  75   something else stands there than ID names
  77   not allowed, or not authenticated
  78   the storage cannot be locked)";

const char *const status_help =
    R"(Looks without taking the lock, and prints one line: free, held by whom, or
stale. A stale lock is one whose holder is dead or whose lease ended: the next
run takes it, so it counts as free.

Examples:
  vfslock status in/data.csv
  vfslock status --json in/data.csv | python3 -m json.tool

Exit codes:
  0    free, released, or stale
  64   wrong usage, an invalid URI
  69   the storage cannot be reached
  70   internal error
  74   a record that cannot be understood (it counts as held), another error of
       the storage, or output that cannot be written
  75   held
  77   not allowed, or not authenticated
  78   the storage cannot be locked)";

const char *const probe_help =
    R"(Looks at the lock of URI and at its storage, and prints what is known of both:
what the storage guarantees and how that was found; on a network the endpoint,
region and credentials that were used, where each setting comes from (no
secret is shown), the server's clock, and the least permissions that locks
need, ready to paste. To find out whether the server does what locks need,
objects of another name are written beside the lock, and removed.

Examples:
  vfslock probe s3://bucket/in/data.csv
  vfslock probe --json in/data.csv

Exit codes:
  0    the storage can hold locks
  64   wrong usage, an invalid URI
  69   the storage cannot be reached
  70   internal error
  74   another error of the storage, or output that cannot be written
  77   not allowed, or not authenticated
  78   the storage guarantees nothing, or cannot be locked at all)";

const char *const version_help = R"(Exit codes:
  0    printed
  74   output that cannot be written)";

}  // namespace vfslock::cli
