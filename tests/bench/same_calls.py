"""The bare C that vfslock is measured against makes the same system calls as vfslock, in the same order.

    same_calls.py BENCH_LOCAL FOLDER
"""
import difflib
import re
import shutil
import subprocess
import sys
import tempfile

TIMES = 3
CALL = re.compile(r'^(\w+)\((.*)\) += (?:-?\d+|\?)')
# Memory, and waking the thread that renews (whose own calls are not followed), are no part of what is compared.
NOT_COMPARED = {'futex', 'clock_nanosleep', 'nanosleep', 'restart_syscall', 'madvise', 'mprotect', 'brk', 'mmap', 'munmap'}


def essence(name, arguments):
    """A call without what differs from run to run: numbers of descriptors, times, contents."""
    kept = re.findall(r'"data\.lock"|\b[A-Z][A-Z_]{2,}\b|l_start=\d+|l_len=\d+', arguments)
    return ' '.join([name, *sorted(set(kept) - {'NULL'})])


def calls(bench, folder, what):
    with tempfile.NamedTemporaryFile(suffix='.trace') as log:
        subprocess.run(['strace', '-qq', '-s', '0', '-o', log.name, bench, '--trace', what, str(TIMES), folder],
                       check=True)
        lines = [CALL.match(line) for line in log.read().decode().splitlines()]
    found = [line.groups() for line in lines if line]
    first, last = [at for at, (name, _) in enumerate(found) if name == 'getppid']
    # Nor is what a thief may have left, which is looked for only after a hold of a millisecond or more.
    return [essence(name, arguments) for name, arguments in found[first + 1:last]
            if name not in NOT_COMPARED and not (name == 'unlinkat' and '".vfslock.' in arguments)]


def main(bench, folder):
    if not shutil.which('strace'):
        print('SKIP: comparison of system calls: strace is not installed')
        return 77
    try:
        subprocess.run(['strace', '-qq', '-o', '/dev/null', 'true'], check=True, stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError:
        print('SKIP: comparison of system calls: tracing is not permitted here')
        return 77
    differ = False
    for what in ('removed', 'kept'):
        real, bare = calls(bench, folder, what), calls(bench, folder, 'bare-' + what)
        if not real:
            sys.exit(f'{what}: no system call was seen')
        if real != bare:
            differ = True
            print(f'{what}: vfslock makes {len(real) / TIMES:g} calls, the bare C {len(bare) / TIMES:g}')
            print(*difflib.unified_diff(real, bare, 'vfslock', 'bare C', lineterm='', n=2), sep='\n')
    return 1 if differ else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
