"""Man pages and completions say of each subcommand what its --help says, and shells and man can read them."""
import os
import re
import shutil
import subprocess
import sys
import unittest

FOLDER = sys.argv.pop(2)

from support import Case, main  # noqa: E402, takes the command from the arguments


class Manual(Case):
    def helps(self):
        """Subcommand → the options of its --help."""
        names = re.findall(r'^  (\w+) +', self.expect(0, '--help').stdout.split('Subcommands:')[1].split('\n\n')[0], re.M)
        self.assertGreater(len(names), 8)
        return {name: set(re.findall(r'^  (?:(-\w),)?(--[\w-]+)', self.expect(0, name, '--help').stdout, re.M)) for name in names}

    def file(self, name):
        with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
            return file.read()

    def test_each_subcommand_has_a_man_page_with_its_options(self):
        for name, options in self.helps().items():
            page = self.file(f'vfslock-{name}.1').replace('\\-', '-')
            self.assertIn(f'.TH "vfslock-{name}" "1"', page)
            for option in {one for pair in options for one in pair if one}:
                self.assertIn(option, page, name)
            self.assertIn('Exit codes', page)
            self.assertIn(f'vfslock-{name}', self.file('vfslock.1').replace('\\-', '-'))

    @unittest.skipUnless(shutil.which('man'), 'there is no man')
    def test_man_reads_them_without_a_complaint(self):
        for name in ('vfslock', *(f'vfslock-{name}' for name in self.helps())):
            done = subprocess.run(['man', '--warnings', '-l', os.path.join(FOLDER, name + '.1')], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env={**os.environ, 'MANPAGER': 'cat'}, check=True)
            self.assertEqual(done.stderr, b'')

    def test_completions_know_them_all(self):
        for shell in ('bash', 'zsh', 'fish'):
            text = self.file(f'vfslock.{shell}')
            for name, options in self.helps().items():
                self.assertIn(name, text)
                for _, long in options:
                    self.assertIn(long if shell != 'fish' else f'-l {long[2:]}', text, (shell, name))

    def test_bash_completes(self):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vfslock; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        def complete(*words):
            done = subprocess.run(['bash', '-c', script, 'bash', os.path.join(FOLDER, 'vfslock.bash'), 'vfslock', *words],
                                  cwd=self.folder, stdout=subprocess.PIPE, encoding='utf-8', check=True)
            return set(done.stdout.split())
        self.assertEqual(complete('re'), {'renew', 'release'})
        self.assertEqual(complete('run', '--on-stale', ''), {'steal', 'refuse'})
        self.assertEqual(complete('run', '--k'), {'--keep'})
        self.assertEqual(complete('run', 'da'), {'data.csv'})

    def test_other_shells_can_read_them(self):
        for shell, name in (('bash', 'vfslock.bash'), ('zsh', 'vfslock.zsh'), ('fish', 'vfslock.fish')):
            if not shutil.which(shell):
                print(f'SKIP: {name}: there is no {shell} that could read it')
                continue
            subprocess.run([shell, '-n', os.path.join(FOLDER, name)], check=True)


if __name__ == '__main__':
    main()
