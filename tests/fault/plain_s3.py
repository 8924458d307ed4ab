"""The bucket of the server that the launcher started, as others use it: signed requests, no library of ours."""
import datetime
import hashlib
import hmac
import http.client
import os
import re
import urllib.parse


class Bucket:
    def __init__(self):
        self.host, _, port = os.environ['VFSLOCK_TEST_S3_ENDPOINT'].removeprefix('http://').partition(':')
        self.port = int(port)
        self.name = os.environ['VFSLOCK_TEST_S3_BUCKET']
        self.access_key, self.secret_key = os.environ['VFSLOCK_TEST_S3_ACCESS_KEY'], os.environ['VFSLOCK_TEST_S3_SECRET_KEY']

    def get(self, key):
        status, body = self._request('GET', key)
        return body if status == 200 else None

    def put(self, key, body):
        status, answer = self._request('PUT', key, body)
        assert status == 200, answer

    def delete(self, key):
        status, answer = self._request('DELETE', key)
        assert status in (200, 204), answer

    def _request(self, method, key, body=b''):
        now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y%m%dT%H%M%SZ')
        path = urllib.parse.quote(f'/{self.name}/{key}', safe='/~')
        headers = {'host': f'{self.host}:{self.port}', 'x-amz-content-sha256': hashlib.sha256(body).hexdigest(), 'x-amz-date': now}
        names, scope = ';'.join(sorted(headers)), f'{now[:8]}/us-east-1/s3/aws4_request'
        signed = signature(self.secret_key, method, path, headers, names, scope)
        headers['authorization'] = f'AWS4-HMAC-SHA256 Credential={self.access_key}/{scope},SignedHeaders={names},Signature={signed}'
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def signature(secret, method, target, headers, names, scope):
    """AWS Signature Version 4 of a request to S3 whose target is already encoded, its query sorted."""
    path, _, query = target.partition('?')
    lines = [f'{name}:{headers[name]}' for name in names.split(';')]
    canonical = '\n'.join([method, path, query, *lines, '', names, headers['x-amz-content-sha256']])
    to_sign = '\n'.join(['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ('AWS4' + secret).encode()
    for step in [*scope.split('/'), to_sign]:
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return key.hex()


def is_signed(request, access_key, secret):
    """Whether a request that the proxy saw was signed with these keys, its body included."""
    parts = re.fullmatch(r'AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+),SignedHeaders=([^,]+),Signature=(\w+)',
                         request.get('Authorization') or '')
    headers = {name.lower(): value for name, value in request.headers}
    return bool(parts) and parts[1] == access_key and headers['x-amz-content-sha256'] == hashlib.sha256(request.body).hexdigest() \
        and parts[4] == signature(secret, request.method, request.target, headers, parts[3], parts[2])
