"""Toxiproxy in front of a server: what happens below HTTP."""
import json
import subprocess
import time
import urllib.error
import urllib.request

import servers


class Toxiproxy:
    def __init__(self, upstream):
        control, self.port = servers.free_ports(2)
        self.endpoint, self._control = f'http://127.0.0.1:{self.port}', f'http://127.0.0.1:{control}'
        self._process = subprocess.Popen([servers.installed('toxiproxy-2.12.0', 'server'), '-host', '127.0.0.1', '-port', str(control)],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=servers.die_with_parent)
        until = time.monotonic() + servers.PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError('toxiproxy did not start')
            time.sleep(0.02)
        self._ask('POST', '/proxies', {'name': 's3', 'listen': f'127.0.0.1:{self.port}', 'upstream': f'127.0.0.1:{upstream}', 'enabled': True})

    def _answers(self):
        try:
            self._ask('GET', '/version')
        except OSError:
            return False
        return True

    def _ask(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(urllib.request.Request(self._control + path, data, method=method), timeout=30) as answer:
            return answer.read()

    def add(self, kind, stream='downstream', **attributes):
        self._ask('POST', '/proxies/s3/toxics', {'name': f'{kind}-{stream}', 'type': kind, 'stream': stream, 'attributes': attributes})

    def clear(self):
        for toxic in json.loads(self._ask('GET', '/proxies/s3/toxics')):
            self._ask('DELETE', '/proxies/s3/toxics/' + toxic['name'])

    def close(self):
        self._process.kill()
        self._process.wait()
