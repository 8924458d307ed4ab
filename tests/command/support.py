"""What the tests of the command share: a scratch folder, processes that end with the test, conditions to wait for."""
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

VFSLOCK = sys.argv.pop(1) if len(sys.argv) > 1 else 'vfslock'
PATIENCE = 60  # seconds, for what happens at once on a machine that is not busy

# What is started in the background by a shell without job control ignores these two, and so would all that it starts.
for ignored in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)

# For shell scripts: "started NAME" says that the command works, as "PID TOKEN" in the file NAME.
SHELL_FUNCTIONS = '''
started() { echo "$$ $VFSLOCK_TOKEN" > "$1.new"; mv "$1.new" "$1"; }
until_there() { while [ ! -e "$1" ]; do sleep 0.01; done; }
'''
# A command that says that it started, in the file of its first argument, and works until it is ended.
WORK = '#!/bin/sh\n. ./functions\nstarted "$1"\nexec sleep 1000000\n'


def script(text, *arguments):
    """A command that runs shell code, with the functions above."""
    return ['sh', '-c', '. ./functions; ' + text, 'sh', *arguments]


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith('VFSLOCK_')}
    return {**kept, 'TZ': 'UTC', **more}


def until(condition, what):
    """Waits for a condition and returns what it gave."""
    end = time.monotonic() + PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f'{what}: did not happen within {PATIENCE} s')
        time.sleep(0.005)


def stat(pid):
    """The fields of /proc/PID/stat after the name: state, parent, group, session, terminal, foreground group, …"""
    try:
        with open(f'/proc/{pid}/stat', encoding='latin-1') as file:
            return file.read().rpartition(')')[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def state(pid):
    fields = stat(pid)
    return fields[0] if fields else None


def gone(pid):
    return state(pid) in (None, 'Z', 'X')


def stopped(pid):
    return state(pid) == 'T'


def signal_set(pid, name):
    """A signal set of /proc/PID/status: 'SigBlk', 'SigIgn', 'SigPnd', …"""
    with open(f'/proc/{pid}/status', encoding='utf-8') as file:
        for line in file:
            if line.startswith(name + ':'):
                bits = int(line.split()[1], 16)
                return {number for number in range(1, 65) if bits >> (number - 1) & 1}
    raise AssertionError(name)


def descriptors(pid):
    """The open descriptors of a process and what they are."""
    found = {}
    for name in os.listdir(f'/proc/{pid}/fd'):
        with contextlib.suppress(OSError):
            found[int(name)] = os.readlink(f'/proc/{pid}/fd/{name}')
    return found


def copies(pid, path):
    """Those of them that are this file, whatever it was called when it was opened."""
    wanted = os.stat(path)
    found = []
    for number in descriptors(pid):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(f'/proc/{pid}/fd/{number}'), wanted):
                found.append(number)
    return found


def waits(pid):
    """Whether a `run` has come so far that it waits for the lock: it watches the record then."""
    with contextlib.suppress(OSError):
        return any('inotify' in what for what in descriptors(pid).values())
    return False


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vfslock-command-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.lock = self.path('data.csv.lock')
        self.write('functions', SHELL_FUNCTIONS)
        self.write('work', WORK, 0o755)
        self.write('data.csv', 'some data\n')

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name), encoding='utf-8') as file:
            return file.read()

    def vfslock(self, *arguments, **more):
        """Runs the command to its end."""
        more = {'cwd': self.folder, 'env': environment(), 'stdin': subprocess.DEVNULL, 'timeout': PATIENCE,
                'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'encoding': 'utf-8', **more}
        return subprocess.run([VFSLOCK, *arguments], check=False, **more)

    def expect(self, code, *arguments, **more):
        done = self.vfslock(*arguments, **more)
        self.assertEqual(done.returncode, code, f'{arguments}\n{done.stdout}{done.stderr}')
        return done

    def start(self, *arguments, **more):
        """Starts the command; it is ended with the test."""
        more = {'cwd': self.folder, 'env': environment(), 'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE,
                'stderr': subprocess.PIPE, 'encoding': 'utf-8', **more}
        process = subprocess.Popen([VFSLOCK, *arguments], **more)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def hold(self, name, *options, command=None, **more):
        """Starts a `run` on data.csv; returns it and its command's PID and token, once the command works."""
        process = self.start('run', *options, 'data.csv', '--', *(command or ['./work', name]), **more)
        return (process, *self.started(process, name))

    def started(self, process, name):
        until(lambda: os.path.exists(self.path(name)) or process.poll() is not None, f'the start of {name}')
        if process.poll() is not None:
            self.fail(f'run ended with {process.returncode}: {process.stderr.read() if process.stderr else ""}')
        pid, token = self.read(name).split()
        self.addCleanup(self.kill, int(pid))
        return int(pid), int(token)

    @staticmethod
    def kill(pid):
        """Ends a command that may be left, and is ours while it lives."""
        with contextlib.suppress(OSError):
            if os.readlink(f'/proc/{pid}/cwd').startswith(tempfile.gettempdir() + '/vfslock-command-'):
                os.kill(pid, signal.SIGKILL)

    def finish(self, process, code):
        """Waits for the end of a `run`, checks its exit code, returns what it said."""
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, code, (out or '') + (err or ''))
        return err

    def assert_free(self):
        self.expect(0, 'status', 'data.csv')
        self.assertFalse(os.path.exists(self.lock), 'the record is still there')

    def assert_names_holder(self, text, owner, pid):
        for word in (owner, socket.gethostname(), str(pid), 'since 20', 'until 20', 'ago'):
            self.assertIn(word, text)


def byte_lock(byte):
    return struct.pack('hhqqi4x', fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)


def proof_is_locked(lock):
    """Whether somebody has the proof of life of a local lock (byte 0 of its record)."""
    try:
        with open(lock, 'r+b') as file:
            found = fcntl.fcntl(file, fcntl.F_OFD_GETLK, byte_lock(0))
        return struct.unpack('hhqqi4x', found)[0] != fcntl.F_UNLCK
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def guarded(lock):
    """Holds the guard of a local lock (byte 1 of its record), as a process stopped inside it: no renewal succeeds."""
    with open(lock, 'r+b') as file:
        fcntl.fcntl(file, fcntl.F_OFD_SETLKW, byte_lock(1))
        yield


def plant(lock, **changed):
    """Puts another holder's record at a lock, from outside the protocol, in one step."""
    with open(lock, encoding='utf-8') as file:
        record = json.load(file)
    record.update(lockId='f' * 32, writeId='e' * 32, **changed)
    with open(lock + '.planted', 'w', encoding='utf-8') as file:
        json.dump(record, file)
    os.rename(lock + '.planted', lock)


def main():
    result = unittest.main(verbosity=2, exit=False).result
    for test, reason in result.skipped:
        print(f'SKIP: {test.id()}: {reason}')
    sys.exit(0 if result.wasSuccessful() else 1)
