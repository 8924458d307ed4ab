"""A bad network between us and an S3 server, by toxiproxy: a lock that is granted is held, one that is not is not held, and
when the network is well again everybody gets the lock."""
import json
import os
import sys
import unittest

import plain_s3
import servers
import vfslock

try:
    import toxi
    servers.installed('toxiproxy-2.12.0', 'server')
except servers.NotInstalled as why:
    print(f'SKIP: toxiproxy: {why}')
    sys.exit(77)


class Transport(unittest.TestCase):
    def setUp(self):
        self.direct = plain_s3.Bucket()
        self.toxic = toxi.Toxiproxy(self.direct.port)
        self.addCleanup(self.toxic.close)
        self.client = vfslock.Client(s3__endpoint=self.toxic.endpoint, s3__access_key=self.direct.access_key,
                                     s3__secret_key=self.direct.secret_key)
        self.addCleanup(self.client.close)
        self.uri = f's3://locks/transport/{os.urandom(6).hex()}'
        self.client.lock(self.uri, ttl_ms=6000).release()

    def record(self):
        text = self.direct.get(self.uri.removeprefix('s3://locks/') + '.lock')
        record = json.loads(text) if text else None
        return record if record and record['state'] == 'held' else None

    def cycle(self):
        """What holds whatever the network does; True where a lock was had."""
        try:
            lock = self.client.lock(self.uri, ttl_ms=6000)
        except vfslock.Error as error:
            self.assertIn(error.name, ('UNAVAILABLE', 'HELD', 'LOST'), error.message)
            return False
        if lock.held:
            self.assertEqual(self.record()['lockId'], lock.id)
        try:
            lock.release()
        except vfslock.Error as error:
            self.assertIn(error.name, ('UNAVAILABLE', 'UNKNOWN_OUTCOME', 'LOST'), error.message)
            lock.free()
        return True

    def healthy_again(self):
        self.toxic.clear()
        lock = self.client.lock(self.uri, ttl_ms=6000, wait_ms=120000)
        self.assertTrue(lock.held)
        lock.release()

    def test_latency_and_jitter(self):
        self.toxic.add('latency', latency=150, jitter=100)
        self.assertTrue(any([self.cycle() for _ in range(3)]))
        self.healthy_again()

    def test_small_pieces_and_little_bandwidth(self):
        self.toxic.add('slicer', average_size=7, size_variation=3, delay=200)
        self.toxic.add('bandwidth', stream='upstream', rate=20)
        self.assertTrue(any([self.cycle() for _ in range(3)]))
        self.healthy_again()

    def test_resets(self):
        self.toxic.add('reset_peer', timeout=2)
        for _ in range(3):
            self.cycle()
        self.healthy_again()

    def test_answers_that_end_early(self):
        for size in (0, 20, 200):
            self.toxic.add('limit_data', bytes=size)
            self.cycle()
            self.toxic.clear()
        self.healthy_again()

    def test_a_black_hole(self):
        for stream in ('upstream', 'downstream'):
            self.toxic.add('timeout', stream=stream, timeout=0)
            self.assertFalse(self.cycle())
            self.toxic.clear()
        self.healthy_again()


if __name__ == '__main__':
    unittest.main()
