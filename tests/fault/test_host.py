"""The program that uses S3 locks stays as it was: signals, descriptors, libcurl's global state, forks; and TLS is checked."""
import contextlib
import ctypes
import os
import resource
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

import plain_s3
import proxy as faults
import vfslock

URI = 's3://locks/host/data'


class Host(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.direct = plain_s3.Bucket()
        cls.folder = tempfile.mkdtemp()
        cls.certificate, key = os.path.join(cls.folder, 'cert.pem'), os.path.join(cls.folder, 'key.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cls.certificate, '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.certificate, key)
        cls.tls = faults.Proxy(cls.direct.port, context)
        cls.proxy = faults.Proxy(cls.direct.port)
        cls.addClassCleanup(cls.tls.close)
        cls.addClassCleanup(cls.proxy.close)

    def client(self, endpoint=None, **keys):
        client = vfslock.Client(s3__endpoint=endpoint or self.proxy.endpoint, s3__access_key=self.direct.access_key,
                                s3__secret_key=self.direct.secret_key, **keys)
        self.addCleanup(client.close)
        return client

    def test_tls_is_verified(self):
        with self.assertRaises(vfslock.Error) as raised:
            self.client(self.tls.endpoint).lock(URI)
        self.assertEqual(raised.exception.name, 'UNAVAILABLE')
        self.assertIn('certificate', raised.exception.message)
        self.client(self.tls.endpoint, net__ca_file=self.certificate).lock(URI).release()
        os.environ['AWS_CA_BUNDLE'] = self.certificate
        self.addCleanup(os.environ.pop, 'AWS_CA_BUNDLE')
        self.client(self.tls.endpoint).lock(URI).release()
        os.environ['AWS_CA_BUNDLE'] = os.path.join(self.folder, 'none.pem')
        with self.assertRaises(vfslock.Error) as raised:
            self.client(self.tls.endpoint).lock(URI)
        self.assertEqual(raised.exception.name, 'INVALID_ARGUMENT')

    def test_no_signal_comes_from_a_connection_that_the_server_closed(self):
        client = self.client(self.tls.endpoint, net__ca_file=self.certificate)
        got = []
        before = signal.signal(signal.SIGPIPE, lambda *_: got.append('SIGPIPE'))
        self.addCleanup(signal.signal, signal.SIGPIPE, before)
        for _ in range(5):
            lock = client.lock(URI)
            self.tls.hang_up()  # every kept connection
            lock.renew()
            self.tls.hang_up()
            lock.release()
        self.assertEqual(got, [])
        self.assertNotIn(signal.SIGPIPE, signal.pthread_sigmask(signal.SIG_BLOCK, []))

    def test_signal_dispositions_stay_as_they_were(self):
        # A handler, for the proxy in this process has pipes of its own that break.
        before = signal.signal(signal.SIGPIPE, lambda *_: None)
        self.addCleanup(signal.signal, signal.SIGPIPE, before)
        client = self.client(self.tls.endpoint, net__ca_file=self.certificate)
        client.lock(URI).release()
        wrong, ended = [], threading.Event()

        def watch():
            while not ended.is_set():
                with open('/proc/self/status', encoding='utf-8') as status:
                    ignored = int(next(line.split()[1] for line in status if line.startswith('SigIgn')), 16)
                wrong[:] = [ignored] if ignored >> (signal.SIGPIPE - 1) & 1 else []

        def work(number):
            for _ in range(10):
                with contextlib.suppress(vfslock.Error):  # the others hang up in the middle of it
                    client.lock(f'{URI}{number}', ttl_ms=60000).free()
                self.tls.hang_up()
        watcher = threading.Thread(target=watch)
        workers = [threading.Thread(target=work, args=(number,)) for number in range(24)]  # more than connections are kept
        for thread in [watcher, *workers]:
            thread.start()
        for thread in workers:
            thread.join()
        ended.set()
        watcher.join()
        self.assertEqual(wrong, [])  # as it was seen last

    def test_a_pending_signal_of_the_program_stays_pending(self):
        client = self.client()
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])
        before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.pthread_kill(threading.get_ident(), signal.SIGPIPE)  # other threads do not block it
        client.lock(URI).release()
        self.assertIn(signal.SIGPIPE, signal.sigpending())
        signal.sigwait([signal.SIGPIPE])
        signal.signal(signal.SIGPIPE, before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPIPE])

    def test_a_program_that_uses_libcurl_itself_keeps_its_balance(self):
        curl = ctypes.CDLL('libcurl.so.4')
        self.assertEqual(curl.curl_global_init(3), 0)
        client = self.client()
        client.lock(URI).release()
        curl.curl_global_cleanup()
        client.lock(URI).release()
        self.client(self.tls.endpoint, net__ca_file=self.certificate).lock(URI).release()
        self.assertEqual(curl.curl_global_init(3), 0)
        curl.curl_global_cleanup()

    def test_descriptors_above_1023(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < 1300:
            print(f'SKIP: descriptors above 1023: the limit is {hard}')
            return
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1300), hard))
        client = self.client()
        taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
        try:
            client.lock(URI).release()
        finally:
            for fd in taken:
                os.close(fd)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def test_no_descriptor_reaches_a_program_that_is_started(self):
        client = self.client(self.tls.endpoint, net__ca_file=self.certificate)
        client.lock(URI).release()
        lock = client.lock(URI)
        show = 'import os; print(*[os.readlink("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + fd)])'
        child = subprocess.run([sys.executable, '-c', show], close_fds=False, check=True, capture_output=True, text=True)
        self.assertEqual([name for name in child.stdout.split() if name.startswith('socket:')], [])
        lock.release()

    def test_a_forked_child_begins_afresh_and_its_parent_goes_on(self):
        client = self.client(self.tls.endpoint, net__ca_file=self.certificate)
        lock = client.lock(URI)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                own = client.lock(URI + '.child')
                held = own.held and not lock.held
                own.release()
                code = 0 if held else 2
            finally:
                os._exit(code)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        lock.renew()
        self.assertTrue(lock.held)
        lock.release()


if __name__ == '__main__':
    unittest.main()
