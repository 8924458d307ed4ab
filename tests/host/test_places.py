"""What stands at the lock's name and where it lies: broken records, strange files, limits (F17, F22, F23)."""
import contextlib
import ctypes
import errno
import json
import os
import platform
import resource
import socket
import stat
import struct
import unittest

from case import Case, libc, skip

RECORD = {'createdAt': '2026-05-04T10:00:00.123456789Z', 'ttl': 50000000000, 'hostname': 'web1', 'pid': 4711,
          'ownerId': 'a', 'version': 1, 'lockId': '9' * 32, 'writeId': '8' * 32, 'seq': '3', 'state': 'held',
          'token': '1777888800123456', 'lease': '30000000000', 'renewedAt': '2026-05-04T10:00:20.2Z', 'bootId': 'b'}
TEXT = json.dumps(RECORD)


class Records(Case):
    def test_what_cannot_be_understood_is_held_by_unknown(self):
        for content, why in [
                (b'', 'the record is empty'),
                (TEXT[:100].encode(), 'expected'),
                (b'locked by hand\n', 'expected a JSON value'),
                (b'[]', 'not a JSON object'),
                (b'{"a":' * 2000 + b'1' + b'}' * 2000, 'nested more than 8 deep'),
                (b'{"a":' + b'[' * 8000 + b']' * 8000 + b'}', 'nested more than 8 deep'),
                (TEXT.replace('50000000000', 'NaN').encode(), 'expected a JSON value'),
                (TEXT.replace('50000000000', '1e999').encode(), 'ttl is not an integer of 64 bits'),
                (TEXT.replace('{', '{"ttl":1,', 1).encode(), 'already has'),
                (TEXT.encode() + b'\0', 'follows the end'),
                (TEXT.replace('web1', '\\u0000').encode(), 'a NUL character'),
                (TEXT.replace('web1', '\xe9').encode('latin-1'), 'not UTF-8'),
                (TEXT.encode() * 2, 'follows the end'),
                (TEXT.encode() + b' ' * 20000, 'more than 16384 bytes'),
                (('{' + ','.join(f'"m{i}":1' for i in range(1000)) + '}').encode(), 'more than 64 members')]:
            with self.subTest(content[:40]):
                self.plant('data.lock', content)
                report = self.client.inspect(self.at('data'))
                self.assertEqual(report['state'], 'corrupt')
                self.assertIn(why, report['reason'])
                self.refused('CORRUPT_RECORD', [why, 'broken explicitly'], self.client.lock, self.at('data'))
                with open(self.at('data.lock'), 'rb') as file:
                    self.assertEqual(file.read(), content)
                self.assertEqual(self.names(), ['data.lock'])

    def test_nobody_waits_long_for_what_cannot_be_understood(self):
        self.plant('data.lock')
        self.refused('CORRUPT_RECORD', ['broken explicitly'], self.lock_patiently, self.at('data'))

    def test_a_file_of_a_gibibyte_costs_nothing(self):
        self.plant('data.lock')
        os.truncate(self.at('data.lock'), 1 << 30)

        def look():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            self.refused('CORRUPT_RECORD', ['more than 16384 bytes'], self.client.lock, self.at('data'))
            self.assertEqual(self.client.inspect(self.at('data'))['state'], 'corrupt')
            self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 16 * 1024)
        self.in_child(look)
        self.assertEqual(os.stat(self.at('data.lock')).st_size, 1 << 30)

    def test_a_newer_version_is_held(self):
        content = json.dumps({**RECORD, 'version': 2, 'more': {}}).encode()
        self.plant('data.lock', content)
        self.refused('HELD', ['newer version', 'version 2'], self.client.lock, self.at('data'))
        with open(self.at('data.lock'), 'rb') as file:
            self.assertEqual(file.read(), content)


class StrangeFiles(Case):
    def test_what_is_no_record_is_not_touched(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)  # names of sockets are short
        self.plant('target', b'mine')
        before = os.stat('target')

        def listen(name):
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(name)

        for make, word in [(lambda name: os.symlink('target', name), 'symbolic link'),
                           (lambda name: os.symlink('none', name), 'symbolic link'),
                           (lambda name: os.link('target', name), 'hard links'),
                           (os.mkfifo, 'FIFO'), (listen, 'socket')]:
            with self.subTest(word):
                make('data.lock')
                kind = stat.S_IFMT(os.lstat('data.lock').st_mode)
                for call in (self.client.lock, self.client.inspect):
                    self.refused('UNSAFE_PATH', [self.at('data.lock'), word, 'not touched'], call, self.at('data'))
                self.assertEqual(stat.S_IFMT(os.lstat('data.lock').st_mode), kind)
                self.assertEqual(self.names(), ['data.lock', 'target'])
                os.unlink('data.lock')
                after = os.stat('target')
                self.assertEqual((after.st_size, after.st_mtime_ns, after.st_mode),
                                 (before.st_size, before.st_mtime_ns, before.st_mode))

    def test_a_device(self):
        try:
            os.mknod(self.at('data.lock'), stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            skip('a device at the lock\'s name', 'making one is not permitted')
            return
        for call in (self.client.lock, self.client.inspect):
            self.refused('UNSAFE_PATH', ['special file', 'not touched'], call, self.at('data'))
        self.assertTrue(stat.S_ISCHR(os.lstat(self.at('data.lock')).st_mode))

    def test_a_folder_at_the_locks_name(self):
        os.mkdir(self.at('data.lock'))
        self.client.lock(self.at('data')).release()  # an empty one is a released lock of the rename layout
        self.assertEqual(self.names(), [])
        os.makedirs(self.at('data.lock/held'))
        self.refused('HELD', [self.at('data.lock'), 'rename layout'], self.client.lock, self.at('data'))
        self.assertEqual(os.listdir(self.at('data.lock')), ['held'])

    def test_a_file_of_somebody_else(self):
        if os.geteuid() != 0:
            skip('a file of somebody else', 'only root gives files away')
            return
        self.plant('data.lock', TEXT.encode())
        os.chown(self.at('data.lock'), 4711, 4711)
        self.refused('UNSAFE_PATH', ['user 4711', 'not touched'], self.client.lock, self.at('data'))
        self.assertEqual(os.stat(self.at('data.lock')).st_uid, 4711)

    def test_a_folder_where_anyone_may_create_files(self):
        os.chmod(self.folder, 0o1777)
        self.refused('UNSAFE_PATH', [self.folder, 'anyone', 'file.allow_sticky'], self.client.lock, self.at('data'))
        self.assertEqual(self.names(), [])


class Limits(Case):
    def test_no_descriptor_is_left(self):
        def try_it():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            held, taken = self.client.lock(self.at('held')), []
            with contextlib.suppress(OSError):
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            for _ in range(2):  # no descriptor, then one for the folder alone
                self.refused('UNAVAILABLE', ['Too many open files'], self.client.lock, self.at('data'))
                held.renew()
                os.close(taken.pop())
            held.release()
            for fd in taken:
                os.close(fd)
            self.assertEqual(self.names(), [])
            self.client.lock(self.at('data')).release()
        self.in_child(try_it)

    def test_no_file_may_grow(self):
        def try_it():
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            self.refused('NO_SPACE', [self.folder, 'File too large'], self.client.lock, self.at('data'))
        self.in_child(try_it)
        self.assertEqual(self.names(), [])

    def test_a_full_disk(self):
        def try_it():
            self.mount(self.folder, b'size=16k')
            held = self.client.lock(self.at('held'))
            with contextlib.suppress(OSError):
                with open(self.at('large'), 'wb', 0) as file:
                    while True:
                        file.write(b'x' * 512)
            self.refused('NO_SPACE', [self.folder, 'No space left'], self.client.lock, self.at('data'))
            self.assertEqual(self.names(), ['held.lock', 'large'])
            held.renew()
            held.release()
            self.client.lock(self.at('data')).release()
        self.in_child(try_it)

    def test_no_inode_is_left(self):
        def try_it():
            self.mount(self.folder, b'nr_inodes=3')
            self.plant('a')
            self.plant('b')
            self.refused('NO_SPACE', [self.folder, 'No space left'], self.client.lock, self.at('data'))
            self.assertEqual(self.names(), ['a', 'b'])
        self.in_child(try_it)

    def test_a_disk_that_is_read_only(self):
        def try_it():
            self.mount(self.folder, b'ro')
            self.refused('PERMISSION_DENIED', [self.folder, 'Read-only'], self.client.lock, self.at('data'))
            self.assertEqual(self.client.inspect(self.at('data'))['state'], 'free')
        self.in_child(try_it)

    def test_a_folder_in_which_this_user_may_not_write(self):
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)

        def try_it():
            os.chdir(self.folder)  # its parents may be closed to the user
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(54321)
                os.setuid(54321)
            self.refused('PERMISSION_DENIED', ['Permission denied'], self.lock_patiently, 'data')
            self.assertEqual(self.client.inspect('data')['state'], 'free')
        self.in_child(try_it)
        self.assertEqual(self.names(), [])

    def test_locking_that_a_policy_forbids_is_not_waited_for(self):
        fcntl_number = {'x86_64': 72, 'aarch64': 25}.get(platform.machine())
        if fcntl_number is None:
            skip('locking that a policy forbids', f'the number of fcntl on {platform.machine()} is not known')
            return
        set_lock, no_new_privileges, set_filter = 37, 38, 22  # F_OFD_SETLK, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
        load, equal, answer = 0x20, 0x15, 0x06
        for error_number in (errno.EPERM, errno.EACCES):
            steps = [(load, 0, 0, 0), (equal, 0, 3, fcntl_number), (load, 0, 0, 24), (equal, 0, 1, set_lock),
                     (answer, 0, 0, 0x50000 | error_number), (answer, 0, 0, 0x7FFF0000)]
            code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
            program = ctypes.create_string_buffer(struct.pack('H6xP', len(steps), ctypes.addressof(code)))

            def try_it(program=program):
                if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0 or libc.prctl(set_filter, 2, program, 0, 0) != 0:
                    raise unittest.SkipTest(f'no filter is permitted: {os.strerror(ctypes.get_errno())}')
                self.refused('PERMISSION_DENIED', [self.folder, 'lock'], self.lock_patiently, self.at('data'))
            self.in_child(try_it)
            self.assertEqual(self.names(), [])


if __name__ == '__main__':
    unittest.main()
