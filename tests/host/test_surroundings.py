"""What a process may lack or have otherwise: /proc, HOME, a name of its user, a locale that writes numbers its own way."""
import os
import re
import shutil
import subprocess
import unittest

from case import Case, skip

COMMAND = os.environ['VFSLOCK_COMMAND']
HELD = 75


class Surroundings(Case):
    def run_command(self, *arguments, command=COMMAND, **environment):
        kept = {name: value for name, value in os.environ.items() if name not in ('HOME', 'XDG_STATE_HOME', 'VFSLOCK_STATE_DIR')}
        return subprocess.run([command, *arguments], env={**kept, **environment}, capture_output=True, text=True, check=False)

    def works(self, at='', command=COMMAND, **environment):
        """The library and the command, at a folder where nothing is locked."""
        data, other = os.path.join(at, 'data'), os.path.join(at, 'other')
        lock = self.client.lock(data, ttl_ms=60000, renewal=True)
        lock.renew()
        lock.check()
        self.assertEqual(self.client.inspect(data)['state'], 'held')
        self.refused('HELD', ['renewed it within its lease'], self.client.lock, data)
        said = self.run_command('status', data, command=command, **environment)
        self.assertEqual((said.returncode, said.stderr), (HELD, ''))
        lock.release()
        said = self.run_command('run', other, '--', 'echo', 'done', command=command, **environment)
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, 'done\n', ''))
        said = self.run_command('acquire', other, command=command, **environment)
        self.assertEqual(said.returncode, 0, said.stderr)
        said = self.run_command('release', other, said.stdout.strip(), command=command, **environment)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(self.client.inspect(other)['state'], 'free')

    def test_no_proc(self):
        def try_it():
            self.mount('/proc', b'')
            self.assertEqual(os.listdir('/proc'), [])
            self.works(self.folder)
        self.in_child(try_it)
        self.assertEqual(self.names(), [])

    def test_no_home(self):
        def try_it():
            for home in ({}, {'HOME': self.at('none')}, {'HOME': ''}, {'HOME': os.devnull}):
                os.environ.pop('HOME', None)
                os.environ.update(home)
                self.works(self.folder, **home)
        self.in_child(try_it)
        self.assertEqual(self.names(), [])

    def test_a_user_without_a_name(self):
        if os.geteuid() != 0:
            skip('a user without a name', 'only root becomes another user')
            return
        shutil.copy(COMMAND, self.at('vfslock'))  # the parents of both may be closed to the user
        os.chown(self.folder, 54321, 54321)

        def try_it():
            os.chdir(self.folder)
            os.setgroups([])
            os.setgid(54321)
            os.setuid(54321)
            self.works(command='./vfslock')
        self.in_child(try_it)
        self.assertEqual(self.names(), ['vfslock'])

    def test_no_locale_changes_a_byte_of_the_commands_output(self):
        made = shutil.which('localedef') and subprocess.run(
            ['localedef', '--quiet', '-c', '-i', 'de_DE', '-f', 'UTF-8', self.at('de_DE.UTF-8')], capture_output=True, check=False)
        if not made or made.returncode != 0:
            skip('a locale with decimal commas', 'localedef cannot make de_DE')
            return
        lock = self.client.lock(self.at('data'), ttl_ms=1234567, attributes={'load': '1.5'})
        outputs = []
        for locale in ({'LC_ALL': 'C'}, {'LC_ALL': 'de_DE.UTF-8', 'LOCPATH': self.folder}):
            outputs.append([])
            for call in (['status', self.at('data')], ['status', '--json', self.at('data')], ['ls', self.folder],
                         ['ls', '--json', self.folder], ['run', self.at('data'), '--', 'true'],
                         ['run', '--ttl', '1.234.567s', self.at('x'), '--', 'true'], ['probe', self.at('data')]):
                said = self.run_command(*call, **locale)
                # How long ago, and how long still.
                outputs[-1].append((said.returncode, re.sub(r'\d+', '0', said.stdout), re.sub(r'\d+', '0', said.stderr)))
        lock.release()
        self.assertEqual(*outputs)


if __name__ == '__main__':
    unittest.main()
