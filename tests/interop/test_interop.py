"""Both directions: the Go package's reader on our records in every state, and its records honoured by us."""
import os
import shutil
import sys
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone

import go_reader
import vfslock

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures')


class Interop(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get('VFSLOCK_TEST_DIR'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.file = os.path.join(self.folder, 'data.csv')

    def content(self):
        with open(self.file + '.lock', 'rb') as lock:
            return lock.read()

    def go(self):
        return go_reader.read(self.content())

    def plant(self, content):
        with open(self.file + '.lock', 'wb') as lock:
            lock.write(content)

    def fixture(self, name, created=None):
        with open(os.path.join(FIXTURES, name), 'rb') as file:
            content = file.read()
        if created:
            stamp = created.strftime('%Y-%m-%dT%H:%M:%S.%f').encode() + b'Z'
            content = content.replace(go_time(content), stamp)
        return content

    def test_held_and_renewed_records_are_held_until_their_ttl(self):
        lock = vfslock.Lock(self.file, ttl_ms=30000, owner='job-7')
        first = self.go()
        now = time.time_ns()
        self.assertEqual(first['ownerId'], 'job-7')
        self.assertEqual(first['pid'], os.getpid())
        self.assertTrue(first['hostname'])
        self.assertEqual(first['ttl'], 30 * 10**9)
        self.assertLess(abs(now - first['createdAt']), 5 * 10**9)
        self.assertTrue(go_reader.is_held(first, now))
        self.assertFalse(go_reader.is_held(first, now + 31 * 10**9))
        lock.renew(60000)
        again = self.go()
        self.assertEqual(again['createdAt'], first['createdAt'])
        self.assertGreaterEqual(again['ttl'], 60 * 10**9)
        self.assertTrue(go_reader.is_held(again, now + 59 * 10**9))
        lock.release()
        self.assertFalse(os.path.exists(self.file + '.lock'))

    def test_a_shorter_record_written_over_a_longer_one_is_padded_so_that_nothing_torn_is_read(self):
        lock = vfslock.Lock(self.file, ttl_ms=86_400_000, owner='x' * 200, keep=True)
        long = len(self.content())
        lock.release()
        self.assertGreaterEqual(len(self.content()), long)
        go_reader.read(self.content())
        lock = vfslock.Lock(self.file, ttl_ms=1000)
        self.assertEqual(self.go()['ownerId'], '')
        lock.release()

    def test_a_released_record_is_free(self):
        lock = vfslock.Lock(self.file, keep=True)
        self.assertTrue(go_reader.is_held(self.go(), time.time_ns()))
        lock.release()
        released = self.go()
        self.assertEqual(released['ttl'], 1)
        self.assertFalse(go_reader.is_held(released, time.time_ns()))
        self.assertFalse(go_reader.is_held(released, 0 + 10**9))  # whatever the reader's clock says

    def test_ttl_0_is_held_for_ever(self):
        lock = vfslock.Lock(self.file, ttl_ms=0)
        self.assertEqual(self.go()['ttl'], 0)
        self.assertTrue(go_reader.is_held(self.go(), time.time_ns() + 10**18))
        lock.renew()
        self.assertTrue(go_reader.is_held(self.go(), time.time_ns() + 10**18))
        lock.release()

    def test_its_fresh_record_is_honoured_and_its_holder_named(self):
        for name in ('held.lock', 'no-owner.lock'):
            content = self.fixture(name, datetime.now(timezone.utc))
            self.plant(content)
            with self.assertRaises(vfslock.Error) as refused:
                vfslock.Lock(self.file)
            self.assertEqual(refused.exception.status, vfslock.HELD)
            self.assertEqual(refused.exception.host, 'vm')
            self.assertEqual(self.content(), content)

    def test_its_expired_record_is_taken_over(self):
        self.plant(self.fixture('escaped.lock', datetime.now(timezone.utc) - timedelta(seconds=31)))
        vfslock.Lock(self.file).release()
        self.assertFalse(os.path.exists(self.file + '.lock'))

    def test_its_record_without_a_ttl_is_never_taken(self):
        self.plant(self.fixture('for-ever.lock'))
        with self.assertRaises(vfslock.Error) as refused:
            vfslock.Lock(self.file, ttl_ms=1)
        self.assertEqual(refused.exception.status, vfslock.HELD)

    def test_its_escapes_are_read(self):
        self.plant(self.fixture('escaped.lock', datetime.now(timezone.utc)))
        with self.assertRaises(vfslock.Error) as refused:
            vfslock.Lock(self.file)
        self.assertEqual(refused.exception.host, 'a<b>&c')

    def test_its_waiting_reader_may_leave_an_empty_file_which_is_no_free_lock(self):
        self.plant(b'')
        with self.assertRaises(vfslock.Error) as refused:
            vfslock.Lock(self.file)
        self.assertIn('empty', str(refused.exception))
        self.assertEqual(self.content(), b'')


def go_time(content):
    start = content.index(b'"createdAt": "') + len(b'"createdAt": "')
    return content[start:content.index(b'"', start)]


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
