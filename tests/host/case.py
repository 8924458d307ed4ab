"""What the tests of this folder share."""
import contextlib
import ctypes
import json
import os
import shutil
import tempfile
import time
import traceback
import unittest

import vfslock

libc = ctypes.CDLL(None, use_errno=True)
GENEROUS_S = 20  # for what must be answered without waiting


class Case(unittest.TestCase):
    def setUp(self):
        # Not in /tmp: others could hold locks up there.
        self.folder = tempfile.mkdtemp(prefix='host-test.', dir=os.getcwd())
        self.addCleanup(shutil.rmtree, self.folder)
        self.client = vfslock.Client()
        self.addCleanup(self.client.close)

    def at(self, name):
        return os.path.join(self.folder, name)

    def names(self):
        return sorted(os.listdir(self.folder))

    def plant(self, name, content=b''):
        with open(self.at(name), 'wb') as file:
            file.write(content)

    def refused(self, name, words, call, *arguments, **options):
        """The call fails with this status, and its message has all these words."""
        with self.assertRaises(vfslock.Error) as raised:
            call(*arguments, **options)
        self.assertEqual(raised.exception.name, name, raised.exception.message)
        for word in words:
            self.assertIn(word, raised.exception.message)
        return raised.exception

    def lock_patiently(self, uri):
        """For what must end long before the wait does."""
        began = time.monotonic()
        try:
            return self.client.lock(uri, wait_ms=GENEROUS_S * 1000)
        finally:
            self.assertLess(time.monotonic() - began, GENEROUS_S)

    def in_child(self, body):
        """Runs it in a process of its own, for limits and rights that cannot be given back."""
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            outcome = ['failed', 'the child could not tell why']
            with contextlib.suppress(BaseException):
                try:
                    body()
                    outcome = ['passed', '']
                except unittest.SkipTest as skipped:
                    outcome = ['skipped', str(skipped)]
                except BaseException:
                    outcome = ['failed', traceback.format_exc()]
            os.write(tell, json.dumps(outcome).encode())
            os._exit(0)
        os.close(tell)
        with open(told, 'rb') as pipe:
            said = pipe.read()
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        outcome, text = json.loads(said)
        if outcome == 'skipped':
            skip(self.id().rpartition('.')[2], text)
        self.assertNotEqual(outcome, 'failed', text)

    def mount(self, where, options):
        """A small file system, for this child only."""
        new_mounts, private, recursive = 0x20000, 1 << 18, 0x4000
        if libc.unshare(new_mounts) != 0 or libc.mount(b'none', b'/', None, private | recursive, None) != 0 or \
                libc.mount(b'none', os.fsencode(where), b'tmpfs', 0, b'mode=700,' + options) != 0:
            raise unittest.SkipTest(f'no mount is permitted: {os.strerror(ctypes.get_errno())}')


def skip(what, why):
    print(f'SKIP: {what}: {why}', flush=True)
