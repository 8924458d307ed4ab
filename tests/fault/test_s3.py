"""What goes wrong between us and an S3 server, one failure case at a time (the F… of the list of failure cases): a real
server, and the proxy in front of it. Whatever happens, no write goes out without a condition."""
import json
import os
import threading
import time
import unittest

import plain_s3
import proxy as faults
import vfslock
from proxy import answer, apply_then, drop, edit, error_xml, swallow

LEASE = 6000  # ms; a request may take a sixth of it


def until(condition, what, patience=60):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'{what}: did not happen within {patience} s')
        time.sleep(0.01)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.direct = plain_s3.Bucket()
        cls.proxy = faults.Proxy(cls.direct.port)
        cls.addClassCleanup(cls.proxy.close)

    def setUp(self):
        self.key = f'fault/{os.urandom(6).hex()}.csv'
        self.uri = f's3://{self.direct.name}/{self.key}'
        self.proxy.calm()
        self.begin = len(self.proxy.requests)
        self.clients = []

    def tearDown(self):
        self.proxy.calm()
        self.assertEqual(self.proxy.unconditional(), [])

    def client(self, **keys):
        client = vfslock.Client(s3__endpoint=self.proxy.endpoint, s3__access_key=self.direct.access_key,
                                s3__secret_key=self.direct.secret_key, **keys)
        self.addCleanup(client.close)
        return client

    def lock(self, client=None, **options):
        options.setdefault('ttl_ms', LEASE)
        return (client or self.client()).lock(self.uri, **options)

    def warm(self):
        """A client that knows the bucket and has a kept connection."""
        client = self.client()
        self.lock(client).release()
        return client

    def seen(self, method=None):
        return [r for r in self.proxy.seen(method)[0:] if self.key in r.target and self.proxy.requests.index(r) >= self.begin]

    def record(self):
        return json.loads(self.direct.get(self.key + '.lock'))

    def refused(self, name, call):
        with self.assertRaises(vfslock.Error) as raised:
            call()
        self.assertEqual(raised.exception.name, name, raised.exception.message)
        return raised.exception

    # --- requests that land late, twice, or without an answer ---

    def test_f01_a_late_delete_takes_nothing_from_the_next_holder(self):
        client = self.warm()
        first = self.lock(client)
        ghost = faults.Held()
        self.proxy.next('DELETE', ghost)
        first.release()  # the answer is lost; read back, sent again
        second = self.lock(client)
        ghost.release()
        self.assertIn(ghost.status, (404, 412))
        self.assertGreater(second.check(), 0)
        second.release()

    def test_f02_a_create_that_the_http_library_sent_twice_is_ours(self):
        client = self.warm()
        before = len(self.seen('PUT'))
        self.proxy.next('PUT', swallow())  # applied; the kept connection dies before any byte of the answer
        lock = self.lock(client)
        self.assertTrue(lock.held)
        puts = self.seen('PUT')[before:]
        self.assertEqual([put.told for put in puts], [None, 412])
        self.assertEqual(puts[0].body, puts[1].body)
        lock.release()

    def test_f02_a_create_that_was_dropped_and_sent_again_is_ours(self):
        client = self.warm()
        self.proxy.next('PUT', drop())
        lock = self.lock(client)
        self.assertTrue(lock.held)
        lock.release()

    def test_f02_on_a_fresh_connection_nothing_is_sent_again_unseen(self):
        client = self.warm()
        for how in ('close', 'reset', 'hang'):
            with self.subTest(how=how):
                self.proxy.next('PUT', drop('reset'))  # ends the kept connection
                self.proxy.next('PUT', swallow(how))
                lock = self.lock(client)
                self.assertTrue(lock.held)
                self.assertEqual(self.record()['lockId'], lock.id)
                lock.release()

    def test_f03_a_create_given_up_that_lands_later_is_an_orphan_of_a_lease(self):
        client = self.warm()
        ghost = faults.Held()
        self.proxy.next('PUT', ghost)
        self.proxy.always(lambda request: answer(503) if request.method == 'PUT' else None)
        self.refused('UNAVAILABLE', lambda: self.lock(client))
        self.proxy.calm()
        other = self.lock(client)
        other.release()
        ghost.release()
        self.assertEqual(ghost.status, 200)
        after = self.lock(client, wait_ms=10 * LEASE)  # it is taken over when its lease is over
        self.assertTrue(after.held)
        after.release()

    def test_f04_a_renewal_that_lands_late_extends_from_its_own_send(self):
        lock = self.lock(self.warm())
        ghost = faults.Held()
        self.proxy.next('PUT', ghost)
        sent = time.monotonic()
        left = lock.renew()
        self.assertLessEqual(left, LEASE * 3 // 4 - (time.monotonic() - sent) * 1000 + 100)
        ghost.release()
        self.assertEqual(ghost.status, 412)  # sent again meanwhile, the same bytes
        self.assertTrue(lock.held)
        lock.release()

    def test_f05_an_observer_counts_from_the_receipt_of_its_first_look(self):
        now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        self.direct.put(self.key + '.lock', json.dumps({
            'createdAt': now, 'ttl': 2 * 10**9, 'hostname': 'other', 'pid': 1, 'version': 1, 'lockId': 'a' * 32, 'writeId': 'b' * 32,
            'seq': '1', 'state': 'held', 'token': '7', 'lease': str(2 * 10**9)}).encode())
        client, told = self.warm_elsewhere(), []

        def late(exchange):
            reply = exchange.forward()
            if not told:
                exchange.proxy.closing.wait(1.5)  # the answer is on its way for most of the lease
                told.append(time.monotonic())
            exchange.reply(reply)
        self.proxy.always(lambda request: late if request.method == 'GET' and self.key in request.target else None)
        thief = self.lock(client, wait_ms=60000, ttl_ms=60000)
        steal = [r for r in self.seen('PUT') if r.get('If-Match')][-1]
        self.assertGreaterEqual(steal.at - told[0], 2.0)
        thief.release()

    def test_f06_no_two_writes_are_equal(self):
        lock = self.lock(self.warm())
        for _ in range(3):
            lock.renew()
        bodies = [put.body for put in self.seen('PUT')]
        self.assertEqual(len(set(bodies)), len(bodies))
        ids = [json.loads(body)['writeId'] for body in bodies]
        self.assertEqual(len(set(ids)), len(ids))
        lock.release()

    def test_f09_of_several_thieves_the_one_whose_answer_was_lost_has_it(self):
        dead = self.lock(self.warm(), ttl_ms=1000)
        dead.free()  # stops without a release
        self.proxy.next('PUT', drop('reset'))
        won, refused = [], []

        def steal():
            try:
                won.append(self.lock(self.client(), ttl_ms=60000, wait_ms=5000))
            except vfslock.Error as error:
                refused.append(error.name)
        self.proxy.always(lambda request: swallow() if request.get('If-Match') and not won else None)
        threads = [threading.Thread(target=steal) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: won, 'a steal')
        self.proxy.calm()
        for thread in threads:
            thread.join()
        self.assertEqual((len(won), refused), (1, ['TIMEOUT'] * 3))
        won[0].release()

    def test_f10_a_release_whose_answer_is_lost_is_done(self):
        client = self.warm()
        for action in (swallow(), swallow('reset'), swallow('hang'), apply_then(500), apply_then(503), apply_then(502, b'<html>')):
            lock = self.lock(client)
            self.proxy.next('DELETE', action)
            lock.release()
            self.assertIsNone(self.direct.get(self.key + '.lock'))

    def test_f10_a_ghost_renewal_does_not_bring_a_released_lock_back(self):
        lock = self.lock(self.warm())
        ghost = faults.Held()
        self.proxy.next('PUT', ghost)
        self.proxy.always(lambda request: answer(503) if request.method == 'PUT' else None)
        self.refused('UNAVAILABLE', lambda: lock.renew(timeout_ms=2000))
        self.proxy.calm()
        lock.release()
        ghost.release()
        self.assertIn(ghost.status, (404, 412))
        self.assertIsNone(self.direct.get(self.key + '.lock'))

    # --- answers ---

    def test_f14_answers_are_mapped(self):
        client = self.warm()
        for name, action in {
                'a conflict is sent again': answer(409, error_xml('ConditionalRequestConflict')),
                'an internal error after it was applied': apply_then(500, error_xml('InternalError')),
                'throttled after it was applied': apply_then(503, error_xml('SlowDown')),
                'an error inside a success': apply_then(200, error_xml('InternalError')),
                'a page of a gateway': apply_then(502, b'<html>bad gateway</html>'),
                'a success without a version': edit(lambda reply: reply.put('ETag', None)),
                'a wrong time': answer(403, error_xml('RequestTimeTooSkewed')),
                'an echo as 304': apply_then(304),
                'refused, though nothing is there': answer(412, error_xml('PreconditionFailed')),
                'applied twice': faults.twice(),
        }.items():
            with self.subTest(name):
                self.proxy.next('PUT', action)
                lock = self.lock(client)
                self.assertTrue(lock.held)
                self.assertEqual(self.record()['lockId'], lock.id)
                lock.release()

    def test_f14_a_conflict_to_the_last_may_have_been_applied_all_the_same(self):
        # libcurl may have sent a copy before it, unseen: here every one is applied where it can be, and told as a conflict.
        client = self.warm()
        conflict = apply_then(409, error_xml('ConditionalRequestConflict'))
        self.proxy.always(lambda request: conflict if request.method in ('PUT', 'DELETE') else None)
        lock = self.lock(client)
        self.assertTrue(lock.held)
        self.assertEqual(self.record()['lockId'], lock.id)
        self.assertGreater(lock.renew(), 0)
        lock.release(timeout_ms=20000)
        self.assertIsNone(self.direct.get(self.key + '.lock'))

    def test_f14_a_replace_that_finds_nothing_is_lost(self):
        lock = self.lock(self.warm())
        self.direct.delete(self.key + '.lock')
        self.refused('LOST', lock.renew)
        self.assertFalse(lock.held)

    def test_f16_the_servers_clock_is_not_believed_through_a_cache(self):
        holder = self.lock(self.warm(), renewal=True)

        def cached(reply):
            reply.put('Date', 'Fri, 01 Jan 2038 00:00:00 GMT')
            reply.put('Age', '3')
        self.proxy.always(lambda request: edit(cached) if request.method == 'GET' else None)
        self.refused('HELD', lambda: self.lock(self.client()))
        self.assertTrue(holder.held)
        self.proxy.calm()
        holder.release()

    def test_f17_what_is_no_record_is_never_overwritten(self):
        client = self.warm()
        good = json.dumps({'createdAt': '2026-01-01T00:00:00Z', 'ttl': 1, 'hostname': 'h', 'pid': 1, 'version': 2})
        for name, body in {'empty': b'', 'torn': b'{"createdAt":"2026-', 'deep': b'[' * 5000 + b']' * 5000, 'not a number': b'{"ttl":NaN}',
                           'twice': b'{"ttl":1,"ttl":2}', 'no UTF-8': b'{"ttl":1,"hostname":"\xff"}', 'a NUL': b'{"a":"\\u0000"}',
                           'somebody\'s file': b'name,age\n', 'too long': b'x' * 20000, 'newer': good.encode()}.items():
            with self.subTest(name):
                self.direct.put(self.key + '.lock', body)
                self.refused('HELD' if name == 'newer' else 'CORRUPT_RECORD', lambda: self.lock(client))
                self.assertEqual(self.direct.get(self.key + '.lock'), body)

    def test_f17_a_gigabyte_is_not_read(self):
        self.direct.put(self.key + '.lock', b'x')
        sent = []

        def endless(exchange):
            exchange.send(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 1073741824\r\n\r\n')
            for _ in range(16384):
                exchange.send(b'x' * 65536)
                sent.append(65536)
        client = self.warm_elsewhere()
        self.proxy.always(lambda request: endless if request.method == 'GET' and self.key in request.target else None)
        self.refused('CORRUPT_RECORD', lambda: self.lock(client))
        self.assertLess(sum(sent), 64 << 20)  # what was on its way before the connection was closed

    def warm_elsewhere(self):
        client = self.client()
        client.lock(self.uri + '.other').release()
        return client

    # --- credentials, load, network ---

    def test_f19_refused_credentials_on_renewal_are_no_loss(self):
        told = []
        lock = self.lock(self.warm(), renewal=True, on_at_risk=told.append)
        refusals = [0]

        def rule(request):
            if request.method == 'PUT' and refusals[0] < 3:
                refusals[0] += 1
                return answer(403, error_xml('ExpiredToken' if refusals[0] % 2 else 'AccessDenied'))
            return None
        self.proxy.always(rule)
        until(lambda: refusals[0] == 3, 'three refused renewals')
        count = len(self.seen('PUT'))
        until(lambda: [r for r in self.seen('PUT')[count - 1:] if r.told == 200], 'a renewal')
        self.assertTrue(lock.held)
        self.assertEqual(len(told), 1)
        self.assertIn('403', told[0])
        lock.release()

    def test_f20_throttled_renewals_wait_but_not_beyond_the_lease(self):
        lost = []
        lock = self.lock(self.warm(), renewal=True, on_lost=lost.append)
        throttled = [0]

        def rule(request):
            if request.method == 'PUT' and throttled[0] < 1:
                throttled[0] += 1
                return answer(503, error_xml('SlowDown'), Retry_After='120')
            return None
        self.proxy.always(rule)
        until(lambda: throttled[0] == 1, 'a throttled renewal')
        count = len(self.seen('PUT'))
        until(lambda: len(self.seen('PUT')) > count, 'another attempt before the lease ends')
        until(lambda: self.seen('PUT')[-1].told == 200, 'its answer')
        self.assertTrue(lock.held)
        self.assertEqual(lost, [])
        lock.release()

    def test_f21_a_server_that_does_not_answer_costs_a_sixth_of_the_lease_a_request(self):
        client = self.warm()
        self.proxy.always(lambda request: drop('hang'))
        self.refused('UNAVAILABLE', lambda: self.lock(client))
        calls = self.seen()[2:]
        for one, next_one in zip(calls, calls[1:]):
            self.assertLess(next_one.at - one.at, 2 * LEASE / 6000 + 5)
        self.proxy.calm()
        until(lambda: self.free_again(client), 'a lock on the same client')

    def free_again(self, client):
        try:
            self.lock(client).release()
        except vfslock.Error:
            return False
        return True

    def test_f21_slow_bytes_are_no_answer(self):
        client = self.warm()

        def drip(exchange):
            for byte in exchange.forward().bytes():
                exchange.send(bytes([byte]))
                if exchange.proxy.closing.wait(0.1):
                    return
        self.proxy.next('PUT', drop('reset'))
        self.proxy.next('PUT', drip)
        lock = self.lock(client)  # found by reading back
        self.assertTrue(lock.held)
        lock.release()

    def test_f27_deleted_from_outside_is_lost_at_the_next_renewal_and_tokens_grow(self):
        client = self.warm()
        lock = self.lock(client)
        token = lock.token
        self.direct.delete(self.key + '.lock')
        self.refused('LOST', lock.renew)
        again = self.lock(client)
        self.assertGreater(again.token, token)
        again.release()

    def test_f28_keys_arrive_byte_by_byte(self):
        client = self.client()
        for written, key in {'a b': 'a b', 'a%20+b': 'a +b', 'p%25q%3Fr%23s': 'p%q?r#s', 'x&y=z': 'x&y=z', "q'()*!~": "q'()*!~",
                             '%F0%9F%98%80': '\U0001F600', 'k' * 200: 'k' * 200}.items():
            with self.subTest(key):
                lock = client.lock(f's3://{self.direct.name}/{self.key}/{written}', ttl_ms=LEASE)
                self.assertEqual(json.loads(self.direct.get(f'{self.key}/{key}.lock'))['lockId'], lock.id)
                lock.release()

    def test_f29_versions_are_opaque_but_strong(self):
        client = self.warm_elsewhere()
        self.proxy.always(lambda request: edit(lambda reply: reply.put('ETag', 'W/"1"')) if self.key in request.target else None)
        self.assertIn('weak', self.refused('UNSUPPORTED', lambda: self.lock(client)).message)

    def test_f30_a_truncated_answer_is_none(self):
        client = self.warm()
        for keep in (0, 5, 40):
            self.proxy.next('PUT', drop('reset'))
            self.proxy.next('PUT', faults.truncate(keep))
            lock = self.lock(client)
            self.assertTrue(lock.held)
            lock.release()

    def test_a_redirect_is_not_followed(self):
        client = self.warm()
        elsewhere = faults.Proxy(self.direct.port)
        self.addCleanup(elsewhere.close)
        self.proxy.next('PUT', answer(307, Location=elsewhere.endpoint + '/locks/x'))
        self.assertIn(elsewhere.endpoint, self.refused('INVALID_ARGUMENT', lambda: self.lock(client)).message)
        self.assertEqual(elsewhere.seen(), [])

    def test_a_try_is_two_requests_and_a_free_lock_one_and_one(self):
        client = self.warm()
        other = self.warm()
        start = len(self.seen())
        lock = self.lock(client)
        self.assertEqual([r.method for r in self.seen()[start:]], ['PUT'])
        start = len(self.seen())
        self.refused('HELD', lambda: self.lock(other))
        self.assertEqual([r.method for r in self.seen()[start:]], ['PUT', 'GET'])
        start = len(self.seen())
        lock.release()
        self.assertEqual([r.method for r in self.seen()[start:]], ['DELETE'])

    # --- permissions: the one that is missing is named ---

    def test_a_missing_permission_is_named(self):
        client = self.warm()
        deny = answer(403, error_xml('AccessDenied', 'Access Denied'))
        self.proxy.next('PUT', deny)
        self.assertIn('s3:PutObject', self.refused('PERMISSION_DENIED', lambda: self.lock(client)).message)
        self.proxy.next('GET', deny)
        message = self.refused('PERMISSION_DENIED', lambda: client.inspect(self.uri)).message
        self.assertIn('s3:GetObject', message)
        self.assertIn('s3:ListBucket', message)

    def test_where_deleting_is_denied_a_released_record_frees_the_lock(self):
        client = self.warm()
        lock = self.lock(client)
        self.proxy.always(lambda request: answer(403, error_xml('AccessDenied')) if request.method == 'DELETE' else None)
        lock.release()
        self.assertEqual(self.record()['state'], 'released')
        self.lock(client).release()  # and is remembered: no DELETE any more
        self.assertEqual(len(self.seen('DELETE')), 2)
        self.assertIn('released records', client.inspect(self.uri)['guarantee_how'])

    def test_no_such_bucket(self):
        client = self.client()
        error = self.refused('NOT_FOUND', lambda: client.lock('s3://no-such-bucket-here/a'))
        self.assertIn('no-such-bucket-here', error.message)

    def test_an_archived_object_says_so(self):
        client = self.warm()
        self.direct.put(self.key + '.lock', b'x')
        self.proxy.always(lambda request: answer(403, error_xml('InvalidObjectState')) if request.method == 'GET' else None)
        self.assertIn('archived', self.refused('INVALID_ARGUMENT', lambda: self.lock(client)).message)

    def test_a_bucket_that_wants_checksums_gets_them(self):
        client = self.warm()
        self.proxy.next('PUT', answer(400, error_xml('InvalidRequest', 'Content-MD5 OR x-amz-checksum- HTTP header is required')))
        lock = self.lock(client)
        self.assertIsNotNone(self.seen('PUT')[-1].get('x-amz-checksum-sha256'))
        lock.renew()
        self.assertIsNotNone(self.seen('PUT')[-1].get('x-amz-checksum-sha256'))
        lock.release()

    def test_a_wrong_secret_is_refused_by_the_server(self):
        client = vfslock.Client(s3__endpoint=self.proxy.endpoint, s3__access_key=self.direct.access_key, s3__secret_key='wrongwrong')
        self.addCleanup(client.close)
        error = self.refused('UNAUTHENTICATED', lambda: self.lock(client))
        self.assertNotIn('wrongwrong', error.message)

    def test_a_wrong_version_in_an_answer_is_found_out(self):
        lock = self.lock(self.warm())
        self.proxy.next('PUT', edit(lambda reply: reply.put('ETag', '"0123456789abcdef0123456789abcdef"')))
        lock.renew()
        self.assertGreater(lock.renew(), 0)  # refused by the wrong version, read back, adopted, and written
        self.assertTrue(lock.held)
        lock.release()
        self.assertIsNone(self.direct.get(self.key + '.lock'))

    def test_headers_beyond_64_kib_are_no_answer(self):
        client = self.warm()
        for size, is_read_back in ((30, False), (80, True)):
            def long_headers(reply, size=size):
                for number in range(size):
                    reply.put(f'X-{number}', 'x' * 1020)
            self.proxy.next('PUT', edit(long_headers))
            start = len(self.seen())
            lock = self.lock(client)
            self.assertTrue(lock.held)
            self.assertEqual('GET' in [request.method for request in self.seen()[start:]], is_read_back)
            lock.release()

    def test_a_region_is_learned_and_signed_for(self):
        client = self.warm()
        self.proxy.next('PUT', answer(301, error_xml('PermanentRedirect'), x_amz_bucket_region='eu-central-1'))
        lock = self.lock(client)
        self.assertIn('/eu-central-1/s3/', self.seen('PUT')[-1].get('Authorization'))
        lock.renew()
        self.assertIn('/eu-central-1/s3/', self.seen('PUT')[-1].get('Authorization'))
        lock.release()
        self.proxy.next('PUT', answer(301, error_xml('PermanentRedirect'), x_amz_bucket_region='evil.example.com/'))
        self.refused('INVALID_ARGUMENT', lambda: self.lock(client))
        self.assertFalse([r for r in self.seen() if 'evil' in r.get('Authorization')])

    def test_a_hanging_request_holds_up_no_other(self):
        client = self.warm()
        arrived = threading.Event()

        def hang(exchange):
            arrived.set()
            exchange.end('hang')
        self.proxy.always(lambda request: hang if request.method == 'PUT' and self.key in request.target else None)
        stuck = threading.Thread(target=lambda: self.lock(client, ttl_ms=60000).release())
        stuck.start()
        self.assertTrue(arrived.wait(60))
        for number in range(5):
            other = client.lock(f's3://{self.direct.name}/other/{number}')
            self.assertTrue(other.held)
            other.release()
        self.proxy.calm()
        stuck.join()

    def test_the_object_is_written_as_asked(self):
        client = self.client(s3__sse='AES256', s3__storage_class='STANDARD_IA', s3__tags='team=a&x=y', net__user_agent='mine/1')
        lock = self.lock(client)
        put = self.seen('PUT')[-1]
        for name, value in {'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'x-amz-server-side-encryption': 'AES256',
                            'x-amz-storage-class': 'STANDARD_IA', 'x-amz-tagging': 'team=a&x=y', 'User-Agent': 'mine/1',
                            'Transfer-Encoding': None, 'Expect': None, 'Accept-Encoding': None, 'Cookie': None}.items():
            self.assertEqual(put.get(name), value, name)
        lock.release()
        other = self.client(s3__bucket_owner='123456789012', s3__request_payer='true')
        self.lock(other).release()
        for request in self.seen()[-2:]:
            self.assertEqual(request.get('x-amz-expected-bucket-owner'), '123456789012')
            self.assertEqual(request.get('x-amz-request-payer'), 'requester')

    def test_a_cancel_ends_a_request_in_flight(self):
        client = self.warm()
        cancel = vfslock.Cancel()
        arrived = threading.Event()

        def hang(exchange):
            arrived.set()
            exchange.end('hang')
        self.proxy.always(lambda request: hang if request.method == 'PUT' else None)
        result = []
        thread = threading.Thread(target=lambda: result.append(self.refused(
            'CANCELLED', lambda: self.lock(client, ttl_ms=600000, cancel=cancel))))
        thread.start()
        self.assertTrue(arrived.wait(60))
        self.proxy.calm()
        cancel.trigger()
        thread.join()
        self.assertEqual(len(result), 1)


if __name__ == '__main__':
    unittest.main()
