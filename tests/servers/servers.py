"""Real servers on loopback, each with a free port and a folder of its own, ended by its process id.

    with servers.start('seaweedfs') as server: ... server.endpoint ...
"""
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

BUCKET = 'locks'
PATIENCE = 120  # seconds; a busy machine must not make a test fail


class NotInstalled(Exception):
    pass


def cache():
    base = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    return os.path.join(base, 'vfslock', 'test-servers')


def installed(*path):
    program = os.path.join(cache(), *path)
    if not os.path.exists(program):
        raise NotInstalled(f'{path[0]} is not installed (tools/setup says why)')
    return program


def free_ports(count):
    """Ports that nobody listens on now; all held at once, so that they differ."""
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(count):
            probe = stack.enter_context(socket.socket())
            probe.bind(('127.0.0.1', 0))
            ports.append(probe.getsockname()[1])
        return ports


def die_with_parent():
    """In the child: it must not outlive the test, whatever ends that."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Server:
    def __init__(self, name, port, access_key, secret_key, process, folder, log):
        self.name, self.port, self.access_key, self.secret_key = name, port, access_key, secret_key
        self.endpoint = f'http://127.0.0.1:{port}'
        self.process, self.folder, self.log = process, folder, log

    def environment(self):
        return {'VFSLOCK_TEST_S3_SERVER': self.name, 'VFSLOCK_TEST_S3_ENDPOINT': self.endpoint,
                'VFSLOCK_TEST_S3_BUCKET': BUCKET, 'VFSLOCK_TEST_S3_ACCESS_KEY': self.access_key,
                'VFSLOCK_TEST_S3_SECRET_KEY': self.secret_key}


def command_of(name, folder, port):
    """The command, its keys, and what is added to its environment."""
    key, secret = 'testkey', 'testsecret'
    if name == 'seaweedfs':
        weed = installed('seaweedfs-4.48', 'bin', 'weed')
        master, volume, filer, *rest = free_ports(14)
        flags = [f'-dir={folder}', '-ip=127.0.0.1', '-ip.bind=127.0.0.1', f'-bucket={BUCKET}', f'-s3.port={port}',
                 '-admin.ui=false', '-webdav=false', '-master.telemetry=false', '-s3.iam=false',
                 '-master.volumeSizeLimitMB=64']
        for flag, one in zip(('master.port', 'volume.port', 'filer.port', 'master.port.grpc', 'volume.port.grpc',
                              'filer.port.grpc', 's3.port.grpc', 'admin.port', 'admin.port.grpc', 's3.port.iceberg',
                              's3.port.lance'), (master, volume, filer, *rest)):
            flags.append(f'-{flag}={one}')
        return [weed, f'-logdir={folder}', 'mini', *flags], key, secret, {'AWS_ACCESS_KEY_ID': key, 'AWS_SECRET_ACCESS_KEY': secret}
    if name == 'moto':
        return [installed('moto-5.2.5', 'bin', 'python3'), '-m', 'moto.server', '-H', '127.0.0.1', '-p', str(port)], key, secret, {}
    if name == 'gofakes3':
        return [installed('gofakes3-1.2.0', 'gofakes3'), '-backend', 'memory', '-host', f'127.0.0.1:{port}',
                '-initialbucket', BUCKET], key, secret, {}
    if name == 's3rver':
        return [shutil.which('node') or 'node', installed('s3rver-3.7.1', 'node_modules', 's3rver', 'bin', 's3rver.js'), '-d', folder,
                '-a', '127.0.0.1', '-p', str(port), '--no-vhost-buckets', '--configure-bucket', BUCKET], 'S3RVER', 'S3RVER', {}
    raise ValueError(f'there is no server "{name}"')


def answers(server):
    """Whether the bucket is there and can be asked."""
    try:
        if server.name == 'moto':  # it checks no signature
            urllib.request.urlopen(urllib.request.Request(f'{server.endpoint}/{BUCKET}', method='PUT'), timeout=5).close()
        elif server.name == 'seaweedfs':
            with open(server.log, encoding='utf-8', errors='replace') as log:
                if 'Press Ctrl+C' not in log.read():
                    return False
        urllib.request.urlopen(f'{server.endpoint}/{BUCKET}/', timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code == 403  # it is there, and wants a signature
    except OSError:
        return False
    return True


def end(process):
    """The server and whatever it started: they are one session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def start(name):
    with tempfile.TemporaryDirectory(prefix='vfslock-server-', ignore_cleanup_errors=True) as folder:
        (port,) = free_ports(1)
        command, key, secret, more = command_of(name, folder, port)
        environment = {k: v for k, v in os.environ.items() if not k.startswith('AWS_')} | more
        log = os.path.join(folder, 'server.log')
        with open(log, 'wb') as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, env=environment,
                                       start_new_session=True, preexec_fn=die_with_parent)
        try:
            server = Server(name, port, key, secret, process, folder, log)
            until = time.monotonic() + PATIENCE
            while not answers(server):
                if process.poll() is not None or time.monotonic() > until:
                    with open(log, encoding='utf-8', errors='replace') as text:
                        sys.exit(f'{name} did not start:\n{text.read()[-4000:]}')
                time.sleep(0.05)
            yield server
        finally:
            end(process)
