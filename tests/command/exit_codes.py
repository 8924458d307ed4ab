"""The exit codes of DESIGN §7, and what is said with them."""
import json
import os
import signal

from support import Case, environment, main, plant, until, waits


class ExitCodes(Case):
    def test_the_commands_own(self):
        for code in (0, 1, 42, 75, 255):
            done = self.expect(code, 'run', 'data.csv', '--', 'sh', '-c', f'exit {code}')
            self.assertEqual(done.stderr, '')
            self.assert_free()

    def test_128_and_the_signal_that_ended_it(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT):
            self.expect(128 + number, 'run', 'data.csv', '--', 'sh', '-c', f'ulimit -c 0; kill -{number:d} $$')
            self.assert_free()

    def test_a_command_that_is_not_there_is_found_before_the_lock_is_taken(self):
        self.write('plain', 'no program\n')
        holder, _, _ = self.hold('first')
        for code, name in ((127, 'no-such-command'), (127, './no-such-command'), (127, './data.csv/x'), (127, ''),
                           (126, './plain'), (126, './')):
            said = self.expect(code, 'run', 'data.csv', '--', name).stderr  # not 75: the lock was not asked for
            self.assertTrue(said.startswith(f'vfslock: {name}: '), said)
        holder.terminate()

    def test_path_is_searched_as_a_shell_does(self):
        for folder in ('one', 'two'):
            os.mkdir(self.path(folder))
        self.write('one/tool', 'no program\n')
        env = dict(os.environ, PATH=f'{self.path("one")}:{self.path("two")}')
        self.expect(126, 'run', 'data.csv', '--', 'tool', env=env)
        self.write('two/tool', '#!/bin/sh\necho two\n', 0o755)
        self.assertEqual(self.expect(0, 'run', 'data.csv', '--', 'tool', env=env).stdout, 'two\n')
        self.write('here', '#!/bin/sh\necho here\n', 0o755)
        self.assertEqual(self.expect(0, 'run', 'data.csv', '--', 'here', env=dict(env, PATH='')).stdout, 'here\n')

    def test_a_script_without_its_first_line_is_the_shells(self):
        self.write('script', 'echo "$1 $VFSLOCK_TOKEN"\n', 0o755)
        said = self.expect(0, 'run', 'data.csv', '--', './script', 'word').stdout.split()
        self.assertEqual(said[0], 'word')
        self.assertTrue(said[1].isdigit())

    def test_a_program_that_cannot_be_executed_gives_the_lock_back(self):
        self.write('broken', '#!/no/such/interpreter\n', 0o755)
        self.assertIn('broken', self.expect(127, 'run', 'data.csv', '--', './broken').stderr)
        self.assert_free()

    def test_held(self):
        holder, _, _ = self.hold('first', '--owner', 'the owner')
        said = self.expect(75, 'run', 'data.csv', '--', 'echo', 'never')
        self.assertEqual(said.stdout, '')
        self.assertEqual(said.stderr.count('\n'), 1)
        self.assert_names_holder(said.stderr, 'the owner', holder.pid)
        self.expect(75, 'run', '--wait', '50ms', 'data.csv', '--', 'echo', 'never')
        self.assert_names_holder(self.expect(75, 'status', 'data.csv').stdout, 'the owner', holder.pid)
        for code in (0, 1, 255):
            self.expect(code, 'run', '-E', str(code), 'data.csv', '--', 'echo', 'never')
        told = json.loads(self.expect(75, 'run', '--json', 'data.csv', '--', 'true').stderr)
        self.assertEqual((told['event'], told['exit_code']), ('refused', 75))
        self.assertEqual(told['record']['pid'], holder.pid)
        self.assertEqual(told['record']['ownerId'], 'the owner')

    def test_a_refusal_cannot_command_the_terminal(self):
        self.hold('first', '--owner', 'first')
        record = json.loads(self.read('data.csv.lock'))
        record.update(hostname='\x1b[2J\u009b2Jhost\n', lockId='f' * 32)
        self.write('other.lock', json.dumps(record))
        self.write('other', '')
        said = self.vfslock('status', 'other').stdout
        self.assertIn('\\x1b[2J\\xc2\\x9b2Jhost\\x0a', said)
        self.assertEqual([c for c in said if c < ' ' or '\x7f' <= c < '\xa0'], ['\n'])

    def test_vetoed(self):
        self.stale()
        said = self.expect(75, 'run', '--on-stale', 'refuse', 'data.csv', '--', 'echo', 'never')
        self.assertEqual(said.stdout, '')
        self.assertIn('--on-stale refuse', said.stderr)
        self.assertIn('stale', self.expect(0, 'status', 'data.csv').stdout)
        self.expect(75, 'run', '--steal', 'never', 'data.csv', '--', 'echo', 'never')
        self.expect(0, 'run', 'data.csv', '--', 'true')
        self.assert_free()

    def stale(self):
        """A record whose holder is dead."""
        holder, command, _ = self.hold('first')
        holder.kill()
        holder.wait()
        until(lambda: not os.path.exists(f'/proc/{command}'), 'the end of the killed holder\'s command')

    def test_usage(self):
        for uri in ('', 'file://host/x', 'file:///a%zz', 'file:///a?b'):
            self.expect(64, 'run', uri, '--', 'true')
            self.expect(64, 'status', uri)

    def test_storage(self):
        for words in (['run', 'no/such/folder', '--', 'true'], ['status', 'no/such/folder']):
            self.assertIn('no', self.expect(74, *words).stderr)
        os.symlink('elsewhere', self.lock)
        self.expect(74, 'run', 'data.csv', '--', 'true')
        self.assertTrue(os.path.islink(self.lock))
        os.unlink(self.lock)

    def test_a_corrupt_record_is_held_by_somebody_unknown(self):
        self.write('data.csv.lock', '{"no record')
        self.expect(74, 'run', 'data.csv', '--', 'true')
        self.expect(74, 'status', 'data.csv')
        self.assertEqual(json.loads(self.vfslock('status', '--json', 'data.csv').stdout)['state'], 'corrupt')
        self.assertEqual(self.read('data.csv.lock'), '{"no record')

    def test_not_allowed(self):
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o700)
        other = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.geteuid() == 0 else {}
        try:
            self.expect(77, 'run', 'data.csv', '--', 'true', **other)
        except PermissionError:
            self.skipTest('run by root, from a folder that others may not enter')

    def test_what_cannot_be_locked(self):
        for uri in ('nosuchscheme://host/x', '/proc/self/x'):
            self.assertNotIn('internal', self.expect(78, 'run', uri, '--', 'true').stderr)
            self.expect(78, 'status', uri)

    def test_status(self):
        self.assertEqual(self.expect(0, 'status', 'data.csv').stdout, 'data.csv: free\n')
        self.assertEqual(json.loads(self.expect(0, 'status', '--json', 'data.csv').stdout)['state'], 'free')
        holder, _, token = self.hold('first', '--owner', 'first')
        report = json.loads(self.expect(75, 'status', '--json', 'data.csv').stdout)
        self.assertEqual(report['state'], 'held')
        self.assertEqual((report['record']['token'], report['record']['pid']), (str(token), holder.pid))
        holder.terminate()
        holder.wait()
        self.expect(0, 'run', '--keep', 'data.csv', '--', 'true')
        self.assertEqual(self.expect(0, 'status', 'data.csv').stdout, 'data.csv: free\n')

    def test_waiting_is_told_once_where_there_is_no_terminal(self):
        holder, _, _ = self.hold('first', '--owner', 'first')
        waiter = self.start('run', '--wait', 'forever', 'data.csv', '--', 'echo', 'at last')
        until(lambda: waits(waiter.pid), 'the wait')
        holder.terminate()
        out, said = waiter.communicate(timeout=60)
        self.assertEqual((waiter.returncode, out), (0, 'at last\n'))
        self.assertEqual(said.count('\n'), 1)
        self.assertIn('waiting for the lock of data.csv', said)
        self.assert_names_holder(said, 'first', holder.pid)

    def test_events_are_json_lines(self):
        holder, _, _ = self.hold('first', '--owner', 'first')
        waiter = self.start('run', '--json', '--wait', '1m', 'data.csv', '--', 'true')
        until(lambda: waits(waiter.pid), 'the wait')
        holder.terminate()
        waiting, acquired = map(json.loads, self.finish(waiter, 0).splitlines())
        self.assertEqual((waiting['event'], waiting['record']['pid']), ('waiting', holder.pid))
        self.assertEqual((acquired['event'], acquired['record']['pid']), ('acquired', waiter.pid))

    def test_the_outcome_in_a_file(self):
        """75 to 78 may be the command's own codes; the file tells."""
        def outcome(code, *words):
            self.expect(code, *words, env=environment(VFSLOCK_STATUS_FILE='outcome'))
            found = json.loads(self.read('outcome'))
            self.assertEqual(found['exit_code'], code)
            return found['outcome']
        self.assertEqual(outcome(75, 'run', 'data.csv', '--', 'sh', '-c', 'exit 75'), 'command')
        self.assertEqual(outcome(127, 'run', 'data.csv', '--', './none'), 'error')
        self.assertEqual(outcome(64, 'run', 'data.csv'), 'error')
        holder, _, _ = self.hold('first', '--ttl', '1s', env=environment(VFSLOCK_STATUS_FILE='outcome'))
        self.assertEqual(outcome(75, 'run', 'data.csv', '--', 'true'), 'refused')
        plant(self.lock)
        self.finish(holder, 76)
        self.assertEqual(json.loads(self.read('outcome'))['outcome'], 'lost')
        nowhere = environment(VFSLOCK_STATUS_FILE='no/folder')
        done = self.expect(3, 'run', 'other', '--', 'sh', '-c', 'exit 3', env=nowhere)
        self.assertIn('VFSLOCK_STATUS_FILE', done.stderr)


if __name__ == '__main__':
    main()
