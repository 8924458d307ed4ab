"""Each action of the proxy does what it says, in front of a server that counts what it applied."""
import http.client
import http.server
import socket
import threading
import unittest

import proxy as faults


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    applied = []

    def do_PUT(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        Origin.applied.append((self.path, body))
        self.send_response(200)
        self.send_header('ETag', f'"{len(Origin.applied)}"')
        self.send_header('Content-Length', '2')
        self.end_headers()
        self.wfile.write(b'ok')

    def log_message(self, *_):
        pass


class ProxyTest(unittest.TestCase):
    def setUp(self):
        Origin.applied = []
        self.origin = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Origin)
        threading.Thread(target=self.origin.serve_forever, daemon=True).start()
        self.addCleanup(self.origin.server_close)
        self.addCleanup(self.origin.shutdown)
        self.proxy = faults.Proxy(self.origin.server_address[1])
        self.addCleanup(self.proxy.close)
        self.client = http.client.HTTPConnection('127.0.0.1', self.proxy.port, timeout=30)
        self.addCleanup(self.client.close)

    def put(self, target='/b/k', **headers):
        self.client.request('PUT', target, b'body', headers)
        answer = self.client.getresponse()
        return answer, answer.read()

    def test_what_no_rule_touches_passes_byte_by_byte_on_a_kept_connection(self):
        for target in ('/b//a/../%2B%20+', '/b/k?x=1&y='):
            answer, body = self.put(target, **{'If-None-Match': '*'})
            self.assertEqual((answer.status, body), (200, b'ok'))
        self.assertEqual([path for path, _ in Origin.applied], ['/b//a/../%2B%20+', '/b/k?x=1&y='])
        self.assertEqual([(r.connection, r.ordinal) for r in self.proxy.seen()], [(1, 1), (1, 2)])
        self.assertEqual(self.proxy.unconditional(), [])

    def test_a_write_without_a_condition_is_counted(self):
        self.put()
        self.assertEqual(self.proxy.unconditional(), ['PUT /b/k HTTP/1.1'])

    def test_a_swallowed_answer_was_applied(self):
        for how in ('close', 'reset'):
            self.proxy.next('PUT', faults.swallow(how))
            with self.assertRaises((http.client.HTTPException, OSError)):
                self.put()
            self.client.close()
        self.assertEqual(len(Origin.applied), 2)

    def test_a_dropped_request_was_not_applied(self):
        self.proxy.next('PUT', faults.drop())
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.put()
        self.assertEqual(Origin.applied, [])

    def test_a_hanging_answer_ends_with_the_clients_patience(self):
        self.proxy.next('PUT', faults.swallow('hang'))
        self.client.timeout = 0.2
        with self.assertRaises((TimeoutError, socket.timeout)):
            self.put()
        self.assertEqual(len(Origin.applied), 1)

    def test_answers_of_its_own_are_given_without_and_with_applying(self):
        self.proxy.next('PUT', faults.answer(429, Retry_After='7'))
        answer, _ = self.put()
        self.assertEqual((answer.status, answer.headers['Retry-After'], Origin.applied), (429, '7', []))
        self.proxy.next('PUT', faults.apply_then(503, faults.error_xml('SlowDown')))
        answer, body = self.put()
        self.assertEqual((answer.status, len(Origin.applied)), (503, 1))
        self.assertIn(b'SlowDown', body)

    def test_a_held_request_lands_when_told(self):
        held = faults.Held()
        self.proxy.next('PUT', held)
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.put()
        self.assertTrue(held.arrived.wait(30))
        self.assertEqual(Origin.applied, [])
        held.release()
        self.assertEqual((len(Origin.applied), held.status), (1, 200))

    def test_edited_doubled_and_truncated(self):
        self.proxy.next('PUT', faults.edit(lambda message: message.put('ETag', None)))
        self.assertIsNone(self.put()[0].headers['ETag'])
        self.proxy.next('PUT', faults.twice())
        self.assertEqual(self.put()[0].headers['ETag'], '"3"')
        self.proxy.next('PUT', faults.truncate(10))
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.put()
        self.assertEqual(self.proxy.pending, 0)


if __name__ == '__main__':
    unittest.main()
