"""A proxy that knows HTTP, in front of a real server, and does to requests and answers what networks and servers do.

    proxy = Proxy(port_of_the_server)
    proxy.next('PUT', swallow('reset'))     # the next PUT is applied, its answer never comes
    ... the client uses proxy.port ...
    proxy.close()

Bytes pass as they are. Every request is recorded, and every write without a condition.
"""
import collections
import contextlib
import signal
import socket
import struct
import threading
import time


class Message:
    """A request or an answer: start line, headers as they came, body."""

    def __init__(self, start, headers, body):
        self.start, self.headers, self.body = start, headers, body

    def get(self, name):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def put(self, name, value):
        self.headers = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))

    @property
    def status(self):
        return int(self.start.split(' ')[1])

    def bytes(self):
        head = self.start + '\r\n' + ''.join(f'{key}: {value}\r\n' for key, value in self.headers) + '\r\n'
        return head.encode('latin-1') + self.body


class Request(Message):
    def __init__(self, message, connection, ordinal):
        super().__init__(message.start, message.headers, message.body)
        self.method, self.target, _ = self.start.split(' ')
        self.connection, self.ordinal = connection, ordinal  # the how-manieth of this connection
        self.told = None      # the status that the client was told; None: nothing
        self.applied = None   # the status that the server gave
        self.at = time.monotonic()

    @property
    def conditional(self):
        return self.get('If-Match') is not None or (self.method == 'PUT' and self.get('If-None-Match') is not None)


class Stream:
    def __init__(self, sock):
        self.sock, self.buffer = sock, b''

    def read_message(self, answer_to=None):
        """None at the end of the stream."""
        while b'\r\n\r\n' not in self.buffer:
            more = self.sock.recv(65536)
            if not more:
                return None
            self.buffer += more
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        start, *lines = head.decode('latin-1').split('\r\n')
        headers = [tuple(part.strip() if i else part for i, part in enumerate(line.split(':', 1))) for line in lines]
        message = Message(start, headers, b'')
        if answer_to is not None and message.status == 100:
            return self.read_message(answer_to)
        if answer_to is not None and (message.status in (204, 304) or answer_to == 'HEAD'):
            return message
        if 'chunked' in (message.get('Transfer-Encoding') or ''):
            message.body = self.read_chunks()
            message.put('Transfer-Encoding', None)
            message.put('Content-Length', str(len(message.body)))
        elif message.get('Content-Length') is not None:
            message.body = self.read_exactly(int(message.get('Content-Length')))
        elif answer_to is not None:
            while more := self.sock.recv(65536):
                self.buffer += more
            message.body, self.buffer = self.buffer, b''
            message.put('Content-Length', str(len(message.body)))
        return message

    def read_exactly(self, size):
        while len(self.buffer) < size:
            more = self.sock.recv(65536)
            if not more:
                raise ConnectionError('the stream ended within a body')
            self.buffer += more
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def read_chunks(self):
        body = b''
        while True:
            while b'\r\n' not in self.buffer:
                self.buffer += self.sock.recv(65536)
            size, self.buffer = self.buffer.split(b'\r\n', 1)
            chunk = self.read_exactly(int(size.split(b';')[0], 16) + 2)[:-2]
            if not chunk:
                return body
            body += chunk


class Exchange:
    """One request on its way. An action forwards it or not, and answers or not."""

    def __init__(self, proxy, request, client):
        self.proxy, self.request, self.client, self.open = proxy, request, client, True

    def forward(self):
        """The server's answer. On a connection of its own: what becomes of one request touches no other."""
        with socket.create_connection(('127.0.0.1', self.proxy.upstream)) as sock:
            sock.sendall(self.request.bytes())
            answer = Stream(sock).read_message(answer_to=self.request.method)
        if answer is None:
            raise ConnectionError('the server gave no answer')
        self.request.applied = answer.status
        return answer

    def reply(self, answer):
        self.request.told = answer.status
        self.client.sendall(answer.bytes())

    def send(self, data):
        self.client.sendall(data)

    def end(self, how='close'):
        """close, reset (RST), or hang until the client gives up or the proxy ends."""
        if how == 'hang':
            self.client.settimeout(0.05)
            while not self.proxy.closing.is_set():
                try:
                    if not self.client.recv(1):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
        if how == 'reset':
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.open = False


REASONS = {200: 'OK', 204: 'No Content', 304: 'Not Modified', 307: 'Temporary Redirect', 400: 'Bad Request', 403: 'Forbidden',
           404: 'Not Found', 409: 'Conflict', 412: 'Precondition Failed', 429: 'Too Many Requests',
           500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable'}


def made(status, body=b'', **headers):
    """An answer of our own: made(503, Retry_After='120')."""
    lines = [('Content-Length', str(len(body)))] if status not in (204, 304) else []
    return Message(f'HTTP/1.1 {status} {REASONS.get(status, "Status")}',
                   lines + [(name.replace('_', '-'), value) for name, value in headers.items()], body)


def error_xml(code, message='told by the test', more=''):
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'.encode()


# --- actions: functions of an exchange ---

def swallow(how='close'):
    """Applied; its answer is lost."""
    def act(exchange):
        exchange.forward()
        exchange.end(how)
    return act


def drop(how='close'):
    """Never arrives."""
    return lambda exchange: exchange.end(how)


def answer(status, body=b'', **headers):
    """Not applied: answered by the proxy."""
    return lambda exchange: exchange.reply(made(status, body, **headers))


def apply_then(status, body=b'', **headers):
    """Applied, and answered otherwise."""
    def act(exchange):
        exchange.forward()
        exchange.reply(made(status, body, **headers))
    return act


def edit(change):
    """Applied; change(answer) alters what the client is told."""
    def act(exchange):
        reply = exchange.forward()
        change(reply)
        exchange.reply(reply)
    return act


def twice():
    """Applied twice; the client hears of the second."""
    def act(exchange):
        exchange.forward()
        exchange.reply(exchange.forward())
    return act


def truncate(keep):
    """Applied; of the answer come `keep` bytes."""
    def act(exchange):
        exchange.send(exchange.forward().bytes()[:keep])
        exchange.end()
    return act


class Held:
    """An action that loses the client's patience and lands when the test says so."""

    def __init__(self, how='close'):
        self.how, self.arrived, self.landed, self._go = how, threading.Event(), threading.Event(), threading.Event()
        self.status = None

    def __call__(self, exchange):
        def land():
            self._go.wait()
            self.status = exchange.forward().status
            self.landed.set()
        threading.Thread(target=land, daemon=True).start()
        self.arrived.set()
        exchange.end(self.how)

    def release(self):
        self._go.set()
        assert self.landed.wait(60), 'the held request did not land'


class Proxy:
    def __init__(self, upstream, tls=None):
        """tls: the server's side of it, as an ssl.SSLContext."""
        self.upstream, self.tls, self._open = upstream, tls, set()
        self.requests, self.closing, self.lock = [], threading.Event(), threading.Lock()
        self._once, self._always = collections.deque(), None
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self.endpoint = f'http{"s" if tls else ""}://127.0.0.1:{self.port}'
        self._connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def next(self, method, action, times=1):
        """The next requests of this method, each at most once, in the order in which they were said."""
        with self.lock:
            self._once.extend([(method, action)] * times)

    def always(self, rule):
        """rule(request) gives an action or None; None as the rule ends it."""
        with self.lock:
            self._always = rule

    def calm(self):
        with self.lock:
            self._once.clear()
            self._always = None

    @property
    def pending(self):
        """Faults that no request has met."""
        with self.lock:
            return len(self._once)

    def seen(self, method=None):
        with self.lock:
            return [request for request in self.requests if method in (None, request.method)]

    def unconditional(self):
        return [request.start for request in self.seen() if request.method in ('PUT', 'DELETE', 'POST') and not request.conditional]

    def hang_up(self):
        """Closes every connection of now, as a server does with one that was idle for long."""
        with self.lock:
            for client in self._open:
                with contextlib.suppress(OSError):  # it is gone already
                    client.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections += 1
            threading.Thread(target=self._serve, args=(client, self._connections), daemon=True).start()

    def _action(self, request):
        with self.lock:
            self.requests.append(request)
            for index, (method, action) in enumerate(self._once):
                if method == request.method:
                    del self._once[index]
                    return action
            return self._always(request) if self._always else None

    def _serve(self, client, connection):
        # A broken pipe of the proxy's is none of the program's that is tested in the same process.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])
        try:
            client = self.tls.wrap_socket(client, server_side=True) if self.tls else client
        except OSError:
            return  # the client did not like the certificate
        stream, ordinal = Stream(client), 0
        with client:
            try:
                with self.lock:
                    self._open.add(client)
                while message := stream.read_message():
                    ordinal += 1
                    request = Request(message, connection, ordinal)
                    exchange = Exchange(self, request, client)
                    (self._action(request) or (lambda plain: plain.reply(plain.forward())))(exchange)
                    if not exchange.open:
                        return
            except OSError:
                pass  # one of the two sides went away
            finally:
                with self.lock:
                    self._open.discard(client)
