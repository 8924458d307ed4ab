"""Small real services on loopback that hand out credentials, as their vendors document them."""
import http.server
import json
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone


def in_the_future(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%SZ')


class Service:
    """respond(method, path, headers, body) gives (status, body), or None to accept and never answer."""

    def __init__(self, respond):
        service = self
        self.asked, self.ended = [], threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()
                service.asked.append((self.command, self.path, dict(self.headers), body))
                reply = respond(self.command, self.path, self.headers, body)
                if reply is None:
                    service.ended.wait()
                    return
                self.send_response(reply[0])
                self.end_headers()
                self.wfile.write(reply[1].encode())

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}'
        threading.Thread(target=lambda: self.server.serve_forever(0.05), daemon=True).start()

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


def document(key, secret, token='session', seconds=3600, name='Token'):
    return json.dumps({'Code': 'Success', 'Version': 1, 'AccessKeyId': key, 'SecretAccessKey': secret, name: token,
                       'Expiration': in_the_future(seconds)})


def instance(key, secret):
    """IMDSv2: a token for a PUT, and nothing without it."""
    def respond(method, path, headers, _):
        if method == 'PUT' and path == '/latest/api/token':
            return (200, 'imds-token') if headers['X-aws-ec2-metadata-token-ttl-seconds'] else (400, '')
        if headers['X-aws-ec2-metadata-token'] != 'imds-token':
            return 401, ''
        role = '/latest/meta-data/iam/security-credentials/'
        if path == role:
            return 200, 'the-role\n'
        return (200, document(key, secret)) if path == role + 'the-role' else (404, '')
    return Service(respond)


def container(key, secret, authorization=None, seconds=3600):
    def respond(method, path, headers, _):
        if authorization is not None and headers['Authorization'] != authorization:
            return 401, ''
        return 200, document(key, secret, seconds=seconds)
    return Service(respond)


def token_service(key, secret, tokens):
    """STS. `tokens` gets each web identity token that was shown."""
    def respond(method, path, headers, body):
        form = urllib.parse.parse_qs(body)
        if method != 'POST' or form['Action'] != ['AssumeRoleWithWebIdentity'] or form['Version'] != ['2011-06-15']:
            return 400, '<ErrorResponse><Error><Code>InvalidAction</Code><Message>no</Message></Error></ErrorResponse>'
        tokens.append(form['WebIdentityToken'][0])
        if tokens[-1] == 'expired':
            return 400, ('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
                         '<Code>ExpiredTokenException</Code><Message>Token expired</Message></Error></ErrorResponse>')
        return 200, ('<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                     '<AssumeRoleWithWebIdentityResult><Credentials>'
                     f'<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>'
                     f'<SessionToken>sts-session</SessionToken><Expiration>{in_the_future(3600)}</Expiration>'
                     '</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>')
    return Service(respond)
