"""What the command that runs under the lock gets: environment, descriptors, streams, signal mask and dispositions."""
import json
import os
import signal
import subprocess
import sys

from support import VFSLOCK, Case, copies, descriptors, environment, gone, main, script, until

# Runs a program with some standard streams closed, some signals ignored and some blocked.
STARTER = '''
import os, signal, sys
closed, ignored, blocked = (list(map(int, word.split(','))) if word else [] for word in sys.argv[1:4])
for number in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(number, signal.SIG_DFL)  # Python ignores them
for number in ignored: signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
for stream in closed: os.close(stream)
os.execv(sys.argv[4], sys.argv[4:])
'''


class Command(Case):
    def start_with(self, closed=(), ignored=(), blocked=(), arguments=(), **more):
        """Starts the command from a process that is in a special state."""
        words = [','.join(str(int(number)) for number in numbers) for numbers in (closed, ignored, blocked)]
        more = {'cwd': self.folder, 'env': environment(), 'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE,
                'stderr': subprocess.PIPE, 'encoding': 'utf-8', **more}
        process = subprocess.Popen([sys.executable, '-ES', '-c', STARTER, *words, VFSLOCK, *arguments],
                                   restore_signals=False, **more)
        self.addCleanup(self.end, process)
        return process

    def test_environment(self):
        env = environment(VFSLOCK_TOKEN='old', VFSLOCK_URI='old', VFSLOCK_RECORD='old', OTHER='kept',
                          VFSLOCK_TOKENX='kept')
        done = self.expect(0, 'run', '--owner', 'me', 'data.csv', '--', 'env', '-0', env=env)
        found = [entry.partition('=')[::2] for entry in done.stdout.split('\0') if entry]
        self.assertEqual(len(found), len(dict(found)), 'a variable is there twice')
        found = dict(found)
        record = json.loads(found['VFSLOCK_RECORD'])
        self.assertEqual(record['ownerId'], 'me')
        self.assertEqual(record['state'], 'held')
        self.assertEqual(found['VFSLOCK_TOKEN'], record['token'])
        self.assertEqual((found['OTHER'], found['VFSLOCK_TOKENX']), ('kept', 'kept'))

    def test_the_uri_names_the_lock(self):
        self.expect(75, 'run', 'data.csv', '--', 'sh', '-c', f'"{VFSLOCK}" status "$VFSLOCK_URI"')

    def token(self, *options):
        return int(self.expect(0, 'run', *options, 'data.csv', '--', 'printenv', 'VFSLOCK_TOKEN').stdout)

    def test_tokens_grow(self):
        tokens = [self.token() for _ in range(5)]
        self.assertEqual(tokens, sorted(set(tokens)))

    def test_keep(self):
        first = self.token('--keep')
        self.assertEqual(self.token(), first + 1)
        self.assertTrue(os.path.exists(self.lock))

    def test_streams_and_working_directory(self):
        done = self.expect(0, 'run', 'data.csv', '--', 'sh', '-c', 'cat; pwd; echo err >&2', stdin=None, input='in\n')
        self.assertEqual(done.stdout, f'in\n{self.folder}\n')
        self.assertEqual(done.stderr, 'err\n')

    def test_descriptors_are_those_given_and_the_proof_of_life(self):
        with open(self.path('given'), 'w', encoding='utf-8') as given:
            os.set_inheritable(given.fileno(), True)
            _, command, _ = self.hold('first', pass_fds=[given.fileno()],
                                      command=script('started first; exec sleep 1000'))
            proof = copies(command, self.lock)
            self.assertEqual(len(proof), 1, descriptors(command))
            # What is loaded into a process that was just started has a descriptor for a moment.
            until(lambda: set(descriptors(command)) == {0, 1, 2, given.fileno(), proof[0]},
                  'the command has only what it was given')

    def test_run_leaves_one_descriptor_of_the_proof_to_itself(self):
        """The copy for the command is closed in run: or else it would keep what release does not unlock."""
        holder, command, _ = self.hold('first')
        self.assertFalse(set(copies(command, self.lock)) & set(copies(holder.pid, self.lock)))

    def test_closed_streams_stay_closed(self):
        show = ('import os; found = [n for n in "012" if os.path.exists("/proc/self/fd/" + n)]; '
                'open("found", "w").write(" ".join(found))')
        for closed in ([0], [1], [2], [0, 1, 2]):
            process = self.start_with(closed=closed,
                                      arguments=['run', 'data.csv', '--', sys.executable, '-ES', '-c', show])
            self.assertEqual(process.wait(60), 0)
            self.assertEqual(set(map(int, self.read('found').split())), {0, 1, 2} - set(closed))
            self.assert_free()

    def test_closed_streams_are_not_written_into_the_record(self):
        holder = self.start_with(closed=[0, 1, 2],
                                 arguments=['run', '--owner', 'first', 'data.csv', '--', './work', 'first'])
        self.started(holder, 'first')
        self.assertEqual([descriptors(holder.pid).get(number) for number in range(3)], ['/dev/null'] * 3)
        for words in (['run', 'data.csv', '--', 'true'], ['status', 'data.csv']):
            process = self.start_with(closed=[1, 2], arguments=words)
            self.assertIn(process.wait(60), (74, 75))
        self.assertEqual(json.loads(self.read('data.csv.lock'))['ownerId'], 'first')

    def test_mask_and_dispositions_are_those_of_run(self):
        for ignored, blocked in [([], []),
                                 ([signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, signal.SIGTSTP], []),
                                 ([], [signal.SIGTERM, signal.SIGCHLD, signal.SIGTTOU, signal.SIGRTMIN + 3])]:
            process = self.start_with(ignored=ignored, blocked=blocked,
                                      arguments=['run', 'data.csv', '--', 'grep', '^Sig', '/proc/self/status'])
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, err)
            sets = dict(line.split(':\t') for line in out.splitlines())

            def numbers(name, sets=sets):
                return {number for number in range(1, 65) if int(sets[name], 16) >> (number - 1) & 1}
            self.assertEqual(numbers('SigIgn'), set(ignored))
            self.assertEqual(numbers('SigBlk'), set(blocked))

    def test_the_command_leads_a_group_and_dies_with_run(self):
        holder, command, _ = self.hold('first')
        self.assertEqual(os.getpgid(command), command)
        self.assertEqual(os.getsid(command), os.getsid(holder.pid))
        self.assertNotEqual(os.getpgid(holder.pid), command)
        holder.kill()
        until(lambda: gone(command), 'the end of the command')

    def test_a_daemon_that_is_left_behind_does_not_keep_the_lock(self):
        leave = script('setsid ./work daemon & until_there daemon; until_there go')
        holder = self.start('run', 'data.csv', '--', *leave, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon, _ = self.started(holder, 'daemon')
        self.assertTrue(copies(daemon, self.lock), 'it has no copy of the proof: this shows nothing')
        self.write('go', '')
        self.finish(holder, 0)
        self.assert_free()
        self.expect(0, 'run', 'data.csv', '--', 'true')
        self.assertFalse(gone(daemon))

    def test_what_a_killed_run_leaves_behind_keeps_the_lock_for_a_lease_at_most(self):
        holder = self.start('run', '--ttl', '2s', 'data.csv', '--', *script('setsid ./work daemon & exec sleep 1000'))
        daemon, _ = self.started(holder, 'daemon')
        holder.kill()
        holder.wait()
        self.expect(75, 'run', 'data.csv', '--', 'true')
        self.expect(0, 'run', '--wait', '1m', 'data.csv', '--', 'true')
        self.assertFalse(gone(daemon))

    def test_a_run_inside_a_run(self):
        self.write('other', '')
        done = self.expect(7, 'run', 'data.csv', '--', VFSLOCK, 'run', 'other', '--',
                           *script('echo "$VFSLOCK_URI"; exit 7'))
        self.assertTrue(done.stdout.endswith('other\n'))
        self.expect(75, 'run', 'data.csv', '--', VFSLOCK, 'run', 'data.csv', '--', 'true')

    def test_children_that_run_was_given_do_not_confuse_it(self):
        start = f'sleep 0 & sleep 1000 > waste & echo $!; exec "{VFSLOCK}" run data.csv -- sh -c "exit 9"'
        done = subprocess.run(['sh', '-c', start], cwd=self.folder, env=environment(), check=False,
                              stdout=subprocess.PIPE, encoding='utf-8', timeout=60)
        os.kill(int(done.stdout), signal.SIGKILL)
        self.assertEqual(done.returncode, 9)


if __name__ == '__main__':
    main()
