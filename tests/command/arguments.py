"""What may be written, what is refused, and how that is told: exit code 64 and what would be right."""
import json
import os
import re
import unittest

from support import Case, main, script


class Arguments(Case):
    def refused(self, *arguments):
        done = self.expect(64, *arguments)
        self.assertEqual(done.stdout, '')
        self.assertTrue(done.stderr.startswith('vfslock: '), done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1, done.stderr)
        self.assertIn('--help', done.stderr)
        self.assertFalse(os.path.exists(self.lock))
        return done.stderr

    def test_durations(self):
        for text in ('1000ms', '30s', '5m', '1h', '24h', 'never', '0s'):
            self.expect(0, 'run', '--ttl', text, 'data.csv', '--', 'true')
        for text in ('0ms', '500ms', '3s', 'forever'):
            self.expect(0, 'run', '--wait', text, 'data.csv', '--', 'true')

    def test_numbers_without_unit_are_refused(self):
        for option in ('--ttl', '--wait'):
            for text in ('30', '0'):
                said = self.refused('run', option, text, 'data.csv', '--', 'true')
                self.assertIn(option, said)
                self.assertIn('has no unit', said)
                self.assertIn('30s', said)

    def test_what_is_no_duration_is_refused(self):
        for text in ('s', '1.5s', '1m30s', '30 s', '-1s', '3days', '5S', 'soon', '99999999999999999999s',
                     '9999999999999999h'):
            said = self.refused('run', f'--ttl={text}', 'data.csv', '--', 'true')
            self.assertIn('--ttl', said)
            self.assertIn('30s', said)

    def test_ttl_beyond_what_the_storage_keeps(self):
        self.assertIn('TTL', self.expect(64, 'run', '--ttl', '10ms', 'data.csv', '--', 'true').stderr)
        self.assertIn('at most 24h', self.refused('run', '--ttl', '25h', 'data.csv', '--', 'true'))

    def test_unknown_words_name_the_nearest(self):
        for arguments, meant in [
                (('run', '--weit', '3s', 'data.csv', '--', 'true'), '--wait'),
                (('run', '--req=exact', 'data.csv', '--', 'true'), '--require'),
                (('run', 'data.csv', '--jsn', '--', 'true'), '--json'),
                (('status', '--jason', 'data.csv'), '--json'),
                (('stats', 'data.csv'), 'status'),
                (('runn', 'data.csv', '--', 'true'), 'run')]:
            self.assertIn(f'did you mean {meant}?', self.refused(*arguments))
        self.assertNotIn('did you mean', self.refused('run', '--zzzzzz', 'data.csv', '--', 'true'))

    def test_choices(self):
        for option in ('--on-stale', '--steal', '--require'):
            said = self.refused('run', option, 'perhaps', 'data.csv', '--', 'true')
            self.assertIn(option, said)
            self.assertIn(',', said)
        for option, texts in {'--on-stale': ('steal', 'refuse'), '--steal': ('lease', 'dead', 'never'),
                              '--require': ('exact', 'timed', 'none')}.items():
            for text in texts:
                self.expect(0, 'run', option, text, 'data.csv', '--', 'true')

    def test_a_command_is_needed_and_stands_after_two_dashes(self):
        for arguments in (['data.csv'], ['data.csv', '--'], []):
            self.refused('run', *arguments)
        self.assertIn('after --', self.refused('run', 'data.csv', 'true'))
        self.assertIn('no URI', self.refused('run', '--', 'true'))
        self.assertIn('no URI', self.refused('status'))
        self.assertIn('unexpected argument', self.refused('status', 'data.csv', 'more'))
        self.refused()
        self.refused('--no-such-option')

    def test_the_command_is_taken_as_it_stands(self):
        show = script('for word; do printf "[%s]" "$word"; done', '--', '--json', '-E', '3', '', 'ä b')
        done = self.expect(0, 'run', 'data.csv', '--', *show)
        self.assertEqual(done.stdout, '[--][--json][-E][3][][ä b]')

    def test_options_stand_before_or_after_the_uri(self):
        self.expect(0, 'run', 'data.csv', '--ttl', '5s', '--', 'true')
        self.expect(0, 'status', 'data.csv', '--json')

    def test_conflict_exit_code(self):
        for text in ('256', '-1', 'x'):
            self.assertIn('0 to 255', self.refused('run', f'--conflict-exit-code={text}', 'data.csv', '--', 'true'))

    def test_a_value_that_is_missing(self):
        self.assertIn('--ttl', self.refused('run', '--ttl=', 'data.csv', '--', 'true'))
        self.assertIn('--ttl', self.refused('run', 'data.csv', '--ttl', '--', 'true'))
        self.assertIn('--ttl', self.refused('run', '--ttl', '', 'data.csv', '--', 'true'))

    def test_an_owner_that_is_no_text(self):
        self.assertIn('owner', self.expect(64, 'run', '--owner', 'a\x01b', 'data.csv', '--', 'true').stderr)

    def test_usage_errors_as_json(self):
        said = json.loads(self.vfslock('run', '--json', '--ttl', '3', 'data.csv', '--', 'true').stderr)
        self.assertEqual((said['event'], said['exit_code']), ('error', 64))
        self.assertIn('--ttl', said['message'])


class Pages(Case):
    TAKING = {'--help', '--ttl', '--wait', '--timeout', '--nonblock', '--owner', '--attribute', '--on-stale', '--steal',
              '--require', '--keep', '--create-parents', '--adopt-empty', '--conflict-exit-code', '--json'}
    OPTIONS = {
        (): {'--help', '--version'},
        ('run',): TAKING | {'--command'},
        ('acquire',): TAKING,
        ('renew',): {'--help', '--ttl', '--json'},
        ('watch',): {'--help', '--interval', '--json'},
        **{(name,): {'--help', '--json'} for name in ('release', 'status', 'ls', 'break', 'probe', 'version')},
    }

    def test_pages_show_every_option_and_each_exit_code(self):
        for words, options in self.OPTIONS.items():
            page = self.expect(0, *words, '--help').stdout
            self.assertEqual(self.expect(0, *words, '-h').stdout, page)
            self.assertEqual(set(re.findall(r'^  (?:-\w,)?(--[\w-]+)', page, re.M)), options)
            self.assertIn('Usage: ' + ' '.join(('vfslock', *words)), page)
            self.assertIn('xit codes', page)
            self.assertLessEqual(max(map(len, page.splitlines())), 80)
        for page in (self.vfslock('--help').stdout, self.vfslock('run', '--help').stdout):
            self.assertIn('Examples:', page)
            for code in (64, 69, 70, 74, 75, 76, 77, 78, 126, 127):
                self.assertRegex(page, rf'(?m)^  {code}  ')
        for name in ('VFSLOCK_TOKEN', 'VFSLOCK_URI', 'VFSLOCK_RECORD', 'VFSLOCK_STATUS_FILE'):
            self.assertIn(name, self.vfslock('run', '--help').stdout)

    def test_a_page_asked_for_wins_over_what_is_missing(self):
        self.expect(0, 'run', '--help', '--', 'true')

    def test_version(self):
        said = self.expect(0, 'version').stdout
        number = re.fullmatch(r'vfslock (\d+\.\d+\.\d+)\nstorages: (.+)\n', said)
        self.assertTrue(number, said)
        self.assertEqual(self.expect(0, '--version').stdout, said)
        report = json.loads(self.expect(0, 'version', '--json').stdout)
        self.assertEqual(report, {'version': number[1], 'schemes': number[2].split(', ')})
        self.assertIn('file', report['schemes'])

    @unittest.skipUnless(os.path.exists('/dev/full'), 'there is no /dev/full')
    def test_output_that_cannot_be_written(self):
        for words in (['version'], ['status', 'data.csv'], ['--help']):
            with open('/dev/full', 'w', encoding='utf-8') as full:
                self.assertIn('standard output', self.expect(74, *words, stdout=full).stderr)


if __name__ == '__main__':
    main()
