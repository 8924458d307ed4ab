"""acquire, renew, release: a tenure that no process keeps; and flock's options."""
import json
import os
import signal
import subprocess
import time

from support import Case, PATIENCE, VFSLOCK, environment, main, until, waits


class Tenure(Case):
    def acquire(self, *options):
        return self.expect(0, 'acquire', *options, 'data.csv').stdout.strip()

    def test_it_outlives_its_process_and_says_so(self):
        done = self.expect(0, 'acquire', '--owner', 'nightly', '--attribute', 'job=17', 'data.csv')
        self.assertRegex(done.stdout, r'^[0-9a-f]{32}\n$')
        self.assertIn('for 5 min unless it is renewed', done.stderr)
        self.assertIn(f'vfslock release data.csv {done.stdout.strip()}', done.stderr)
        with open(self.lock, encoding='utf-8') as file:
            record = json.load(file)
        self.assertTrue(record['detached'])
        self.assertEqual((record['ownerId'], record['attributes']), ('nightly', {'job': '17'}))
        self.assertIn('nightly', self.expect(75, 'status', 'data.csv').stdout)
        self.assertIn('nightly', self.expect(75, 'run', 'data.csv', '--', 'true').stderr)

    def test_it_is_renewed_and_released_by_its_id(self):
        tenure = self.acquire('--ttl', '10s')
        self.assertIn('held for 1 h ', self.expect(0, 'renew', '--ttl', '1h', 'data.csv', tenure).stdout)
        renewed = json.loads(self.expect(0, 'renew', '--json', 'data.csv', tenure).stdout)
        self.assertEqual(renewed['id'], tenure)
        self.assertTrue(3_500_000 < renewed['remaining_ms'] <= 3_600_000)
        self.expect(0, 'release', 'data.csv', tenure)
        self.assert_free()
        self.expect(76, 'renew', 'data.csv', tenure)
        self.expect(76, 'release', 'data.csv', tenure)

    def test_json_has_what_programs_need(self):
        done = self.expect(0, 'acquire', '--json', '--ttl', 'never', 'data.csv')
        tenure = json.loads(done.stdout)
        self.assertEqual(set(tenure), {'uri', 'id', 'token', 'remaining_ms', 'expires_unix_ms'})
        self.assertEqual((tenure['remaining_ms'], tenure['expires_unix_ms']), (-1, -1))
        self.assertGreater(tenure['token'], 0)
        self.assertEqual(json.loads(done.stderr)['event'], 'acquired')
        released = json.loads(self.expect(0, 'release', '--json', 'data.csv', tenure['id']).stdout)
        self.assertEqual(released['state'], 'released')

    def test_its_lease_alone_ends_it(self):
        tenure = self.acquire('--ttl', '1s')
        done = self.expect(0, 'run', '--wait', '1m', 'data.csv', '--', 'echo', 'mine')
        self.assertEqual(done.stdout, 'mine\n')
        self.expect(76, 'release', 'data.csv', tenure)

    def test_tries_of_short_lived_processes_add_up(self):
        """state_dir: none of these processes lives as long as the lease."""
        env = environment(VFSLOCK_STATE_DIR=self.path('state'))
        self.expect(0, 'acquire', '--ttl', '2s', 'data.csv', env=env)
        self.expect(75, 'acquire', 'data.csv', env=env)
        seen = [name for name in os.listdir(self.path('state')) if name.startswith('seen-')]
        self.assertEqual(len(seen), 1)
        until(lambda: self.vfslock('acquire', 'data.csv', env=env).returncode == 0, 'the end of the lease')
        # And an observation of another boot is worth nothing: it would be the clock of another world.
        self.expect(0, 'acquire', '--ttl', '1h', 'other', env=env)
        self.expect(75, 'acquire', 'other', env=env)
        for name in os.listdir(self.path('state')):
            text = self.read(os.path.join('state', name))
            self.write(os.path.join('state', name), text.replace('"sinceNs":"', '"sinceNs":"-'), 0o600)
        self.expect(75, 'acquire', 'other', env=env)

    def test_an_observation_of_another_boot_clock_is_worth_nothing(self):
        """A time namespace has a boot clock of its own: 100,000 s ahead, what was seen a moment ago would look stale."""
        ahead = ['unshare', '--time', '--boottime', '100000', '--fork']
        if subprocess.run([*ahead, 'true'], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest('no time namespace may be made here')
        env = environment(VFSLOCK_STATE_DIR=self.path('state'))
        self.expect(0, 'acquire', '--ttl', '1h', 'data.csv', env=env)
        self.expect(75, 'acquire', 'data.csv', env=env)
        done = subprocess.run([*ahead, VFSLOCK, 'acquire', 'data.csv'], cwd=self.folder, env=env, timeout=PATIENCE, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8')
        self.assertEqual(done.returncode, 75, done.stdout + done.stderr)

    def test_an_id_that_cannot_be_told_is_given_back(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            self.expect(74, 'acquire', 'data.csv', stdout=full)
        self.assert_free()

    def test_an_interrupted_wait_leaves_nothing(self):
        tenure = self.acquire()
        waiter = self.start('acquire', '--wait', 'forever', 'data.csv')
        until(lambda: waits(waiter.pid), 'the wait')
        waiter.send_signal(signal.SIGINT)
        self.assertIn('interrupted by SIGINT', self.finish(waiter, 130))
        self.expect(0, 'release', 'data.csv', tenure)
        self.assert_free()

    def test_a_lock_of_a_living_run_is_not_resumed(self):
        self.hold('first')
        with open(self.lock, encoding='utf-8') as file:
            tenure = json.load(file)['lockId']
        self.assertIn('not detached', self.expect(64, 'renew', 'data.csv', tenure).stderr)
        self.assertIn('no ID', self.expect(64, 'release', 'data.csv').stderr)


class LikeFlock(Case):
    def test_n_w_c_and_E(self):
        done = self.expect(7, 'run', 'data.csv', '-c', 'echo "$VFSLOCK_URI" | wc -l; exit 7')
        self.assertEqual(done.stdout.strip(), '1')
        self.hold('first')
        self.expect(9, 'run', '-n', '-E', '9', 'data.csv', '-c', 'true')
        began = time.monotonic()
        self.expect(75, 'run', '-w', '0.3', 'data.csv', '--', 'true')
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_what_contradicts_itself_is_refused(self):
        for options, word in ((['-n', '-w', '3'], 'contradict'), (['--wait', '3s', '-w', '3'], 'contradict'),
                              (['-w', '3s'], 'no number of seconds'), (['-w', '-1'], ''), (['-w', '1e3'], 'no number')):
            self.assertIn(word, self.expect(64, 'run', *options, 'data.csv', '--', 'true').stderr)
        self.assertIn('contradict', self.expect(64, 'run', '-c', 'true', 'data.csv', '--', 'true').stderr)
        self.assertFalse(os.path.exists(self.lock))


class Told(Case):
    def test_log(self):
        done = self.expect(0, 'run', 'data.csv', '--', 'true', env=environment(VFSLOCK_LOG='debug'))
        for words in ('debug: request', 'put if absent: done', 'info: acquire', 'info: lock_release'):
            self.assertIn(words, done.stderr)
        done = self.expect(0, 'run', 'data.csv', '--', 'true', env=environment(VFSLOCK_LOG='info'))
        self.assertNotIn('request', done.stderr)
        lines = self.expect(0, 'run', '--json', 'data.csv', '--', 'true', env=environment(VFSLOCK_LOG='debug')).stderr
        self.assertIn('log', {json.loads(line)['event'] for line in lines.splitlines()})
        self.assertIn('VFSLOCK_LOG', self.expect(64, 'status', 'data.csv', env=environment(VFSLOCK_LOG='loud')).stderr)

    def test_without_home_nothing_is_kept_and_all_works(self):
        env = {name: value for name, value in environment().items() if name not in ('HOME', 'XDG_STATE_HOME')}
        done = subprocess.run([VFSLOCK, 'run', 'data.csv', '--', 'true'], cwd=self.folder, env=env, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)


main()
