"""Starts a server, runs a program that uses it, and ends the server.

    python3 -B tests/servers/run.py [--as-aws] SERVER -- PROGRAM ARGUMENT…

The program finds the server in VFSLOCK_TEST_S3_…, with --as-aws also in the variables of AWS's tools; its exit code is this
one's. 77: the server is not installed.
"""
import os
import subprocess
import sys
import tempfile

import servers


def main():
    as_aws = sys.argv[1:2] == ['--as-aws']
    name, separator, *command = sys.argv[1 + as_aws:]
    if separator != '--' or not command:
        sys.exit(__doc__)
    try:
        with servers.start(name) as server, tempfile.TemporaryDirectory(prefix='vfslock-state-') as state:
            # What AWS's tools have configured on this machine must not be found by a test.
            environment = {key: value for key, value in os.environ.items() if not key.startswith('AWS_')}
            environment.update(server.environment(), AWS_EC2_METADATA_DISABLED='true', AWS_CONFIG_FILE=os.devnull,
                               AWS_SHARED_CREDENTIALS_FILE=os.devnull, VFSLOCK_STATE_DIR=state)
            if as_aws:
                environment.update(AWS_ENDPOINT_URL=server.endpoint, AWS_ACCESS_KEY_ID=server.access_key,
                                   AWS_SECRET_ACCESS_KEY=server.secret_key)
            return subprocess.run(command, env=environment, check=False).returncode
    except servers.NotInstalled as why:
        print(f'SKIP: {name}: {why}')
        return 77


if __name__ == '__main__':
    code = main()
    sys.exit(code if code >= 0 else 128 - code)
