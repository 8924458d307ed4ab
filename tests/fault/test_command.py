"""The command on S3: who holds is told, what was learned of a bucket is kept between runs, and a server that ignores
conditions is refused."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import plain_s3
import proxy as faults

VFSLOCK = os.environ['VFSLOCK_COMMAND']
IGNORES_CONDITIONS = os.environ['VFSLOCK_TEST_S3_SERVER'] == 's3rver'


class Command(unittest.TestCase):
    def setUp(self):
        self.direct = plain_s3.Bucket()
        self.proxy = faults.Proxy(self.direct.port)
        self.addCleanup(self.proxy.close)
        self.state = tempfile.TemporaryDirectory()
        self.addCleanup(self.state.cleanup)
        self.environment = {key: value for key, value in os.environ.items() if key != 'VFSLOCK_STATE_DIR'} | {
            'AWS_ENDPOINT_URL': self.proxy.endpoint, 'AWS_ACCESS_KEY_ID': self.direct.access_key,
            'AWS_SECRET_ACCESS_KEY': self.direct.secret_key, 'XDG_STATE_HOME': self.state.name}

    def run_command(self, *arguments):
        done = subprocess.run([VFSLOCK, *arguments], env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    @unittest.skipIf(IGNORES_CONDITIONS, 'for servers that compare')
    def test_a_held_lock_is_refused_by_name(self):
        inner = f'"{VFSLOCK}" run s3://locks/c -- echo never; echo "code $?"; "{VFSLOCK}" status --json s3://locks/c'
        code, out, err = self.run_command('run', '--owner', 'first', 's3://locks/c', '--', 'sh', '-c', inner)
        self.assertEqual(code, 75, err)
        self.assertIn('code 75', out)
        self.assertIn('first', err)
        self.assertNotIn('never', out)
        report = json.loads(out.splitlines()[-1])
        self.assertEqual((report['state'], report['record']['ownerId'], report['guarantee']), ('held', 'first', 'exact'))
        self.assertIn('clock_skew_ms', report)
        self.assertEqual(self.run_command('status', 's3://locks/c')[0], 0)

    @unittest.skipIf(IGNORES_CONDITIONS, 'for servers that compare')
    def test_only_the_first_run_pays_for_what_is_kept(self):
        self.assertEqual(self.run_command('run', 's3://locks/k', '--', 'true')[0], 0)
        (name,) = os.listdir(os.path.join(self.state.name, 'vfslock'))
        self.assertEqual(os.stat(os.path.join(self.state.name, 'vfslock', name)).st_mode & 0o777, 0o600)
        first = len(self.proxy.requests)
        self.assertEqual(self.run_command('run', 's3://locks/other', '--', 'true')[0], 0)
        self.assertEqual(len(self.proxy.requests) - first, 2)
        with open(os.path.join(self.state.name, 'vfslock', name), 'w', encoding='utf-8') as file:
            file.write('{"exact":true')  # torn, or somebody's joke: asked again
        before = len(self.proxy.requests)
        self.assertEqual(self.run_command('run', 's3://locks/other2', '--', 'true')[0], 0)
        self.assertGreater(len(self.proxy.requests) - before, 2)
        self.assertEqual(self.proxy.unconditional(), [])

    @unittest.skipIf(IGNORES_CONDITIONS, 'for servers that compare')
    def test_looking_writes_nothing(self):
        code, out, _ = self.run_command('status', '--json', 's3://locks/look')
        self.assertEqual((code, json.loads(out)['state']), (0, 'free'))
        self.assertEqual([request.method for request in self.proxy.requests], ['GET'])

    @unittest.skipIf(IGNORES_CONDITIONS, 'for servers that compare')
    def test_probe(self):
        code, out, err = self.run_command('probe', '--json', 's3://locks/in/data.csv')
        self.assertEqual((code, err), (0, ''))
        self.assertNotIn(self.direct.secret_key, out)
        probe = json.loads(out)['probe']
        # All but removal, which this server does without looking at its condition.
        self.assertEqual([check['name'][:2] for check in probe['checks'] if not check['good']], ['P5'])
        self.assertFalse(probe['conditional_remove'])
        self.assertEqual(probe['policy']['Version'], '2012-10-17')
        self.assertEqual(probe['endpoint'], self.proxy.endpoint)
        self.assertIn('AWS_ACCESS_KEY_ID', probe['credentials'])
        sources = {setting['name']: setting['source'] for setting in probe['settings']}
        self.assertEqual(sources['state_dir'], 'set by the program')
        self.assertTrue(self.run_command('probe', 's3://locks/in/data.csv')[1].startswith('s3://locks/in/data.csv: guarantee exact\n'))

    @unittest.skipIf(IGNORES_CONDITIONS, 'for servers that compare')
    def test_a_watch_ends_at_once_although_the_storage_does_not_answer(self):
        self.proxy.always(lambda request: faults.drop('hang'))

        def look(subcommand, looks):
            started = subprocess.Popen([VFSLOCK, subcommand, 's3://locks/silent'], env=self.environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            end = time.monotonic() + 60
            while len(self.proxy.requests) < looks:
                self.assertLess(time.monotonic(), end, 'it never looked')
                time.sleep(0.005)
            return started

        with look('status', 1) as other, look('watch', 2) as watch:
            watch.send_signal(signal.SIGINT)
            self.assertEqual((watch.communicate(timeout=60), watch.returncode), (('', ''), 130))
            self.assertIsNone(other.poll())  # whose look began before, and takes its time
            other.kill()

    @unittest.skipUnless(IGNORES_CONDITIONS, 'for servers that ignore conditions')
    def test_a_server_that_ignores_conditions_is_refused(self):
        code, out, err = self.run_command('run', 's3://locks/n', '--', 'echo', 'never')
        self.assertEqual((code, out), (78, ''))
        self.assertIn('ignores If-None-Match', err)
        code, out, _ = self.run_command('probe', '--json', 's3://locks/n')
        report = json.loads(out)
        self.assertEqual((code, report['guarantee']), (78, 'none'))
        self.assertFalse(all(check['good'] for check in report['probe']['checks']))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
