"""ls, break, watch: what an operator looks at and ends."""
import json
import os
import signal

from support import Case, main, until


class Operator(Case):
    def tenure(self, uri='data.csv'):
        return self.expect(0, 'acquire', '--create-parents', uri).stdout.strip()

    def test_ls_has_all_that_is_below(self):
        self.assertEqual(self.expect(0, 'ls').stdout, '')
        for uri in ('data.csv', 'in/a', 'in/b/c', 'inbox'):
            self.tenure(uri)
        lines = self.expect(0, 'ls').stdout.splitlines()
        self.assertEqual([line.split(':')[0] for line in lines], ['data.csv', 'inbox', 'in/a', 'in/b/c'])
        self.assertIn('held on', lines[0])
        reports = [json.loads(line) for line in self.expect(0, 'ls', '--json', 'in').stdout.splitlines()]
        self.assertEqual([(one['uri'], one['state']) for one in reports], [('in/a', 'held'), ('in/b/c', 'held')])
        self.assertIn('no directory', self.expect(74, 'ls', 'missing').stderr)

    def test_ls_goes_on_after_what_cannot_be_looked_at(self):
        self.tenure('a')
        self.tenure('c')
        os.symlink('a.lock', self.path('b.lock'))
        done = self.expect(74, 'ls')
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn('b.lock', done.stderr)

    def test_break_asks_for_the_id_and_ends_exactly_that(self):
        done = self.expect(74, 'break', 'data.csv')
        self.assertIn('no lock to break', done.stderr)
        tenure = self.tenure()
        done = self.expect(64, 'break', 'data.csv')
        self.assertIn(f'vfslock break data.csv {tenure}', done.stderr)
        self.expect(75, 'break', 'data.csv', '0' * 32)
        self.expect(75, 'status', 'data.csv')
        self.assertIn('at its next renewal', self.expect(0, 'break', 'data.csv', tenure).stdout)
        self.expect(0, 'status', 'data.csv')
        self.expect(76, 'renew', 'data.csv', tenure)
        self.expect(0, 'run', 'data.csv', '--', 'true')
        self.assert_free()

    def test_break_ends_the_command_of_a_living_run(self):
        run, command, _ = self.hold('first', '--ttl', '2s')
        with open(self.lock, encoding='utf-8') as file:
            tenure = json.load(file)['lockId']
        self.expect(0, 'break', 'data.csv', tenure)
        self.assertIn('lost the lock', self.finish(run, 76))
        self.assertFalse(os.path.exists(f'/proc/{command}'))

    def test_break_of_what_nobody_can_read(self):
        self.write('data.csv.lock', 'who knows', 0o600)
        self.expect(74, 'status', 'data.csv')
        asked = self.expect(64, 'break', 'data.csv').stderr
        name = asked.split()[-1]
        self.assertTrue(name.startswith('sha256-'), asked)
        self.assertEqual(json.loads(self.expect(0, 'break', '--json', 'data.csv', name).stdout)['state'], 'broken')
        self.expect(0, 'run', 'data.csv', '--', 'true')

    def test_watch_tells_each_change_once(self):
        out = self.path('out')
        with open(out, 'w', encoding='utf-8') as file:
            watch = self.start('watch', '--json', '--interval', '20ms', 'data.csv', stdout=file)
        states = lambda: [json.loads(line)['state'] for line in self.read('out').splitlines()]
        until(lambda: states() == ['free'], 'the first look')
        tenure = self.tenure()
        until(lambda: states() == ['free', 'held'], 'the change')
        self.expect(0, 'release', 'data.csv', tenure)
        until(lambda: states() == ['free', 'held', 'free'], 'the next change')
        watch.send_signal(signal.SIGTERM)
        self.finish(watch, 143)
        self.assertEqual(states(), ['free', 'held', 'free'])


main()
