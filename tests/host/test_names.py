"""Bad URIs and options are refused with what would be right; odd names that are legal are locked, byte for byte."""
import json
import os
import subprocess
import unittest

import vfslock
from case import Case

SECRET = 'hunter2'


class Uris(Case):
    def test_what_is_no_name_is_refused_with_what_would_be_right(self):
        for uri, status, words in [
                ('', 'INVALID_URI', ['empty', 'name a file']),
                ('gopher://x/y', 'UNSUPPORTED', ['gopher://', 'file://', 'mem://']),
                ('file://', 'INVALID_URI', ['no path', 'file:///dir/file']),
                ('file://localhost', 'INVALID_URI', ['no path', 'file:///dir/file']),
                ('file://there/x', 'INVALID_URI', ['no host but localhost', 'file:///there/x']),
                ('mem://x', 'INVALID_URI', ['name an object']),
                ('mem://x/folder/', 'INVALID_URI', ["ends in '/'"]),
                ('/', 'INVALID_ARGUMENT', ['root directory', 'name a file']),
                ('file:///a\x01b', 'INVALID_URI', ['control byte', 'file:///a%01b']),
                ('mem://x/a%0Ab', 'INVALID_URI', ['control byte', 'only names of local files']),
                ('mem://x/a%00b', 'INVALID_URI', ['%00', 'NUL']),
                ('mem://x/100%', 'INVALID_URI', ["a '%' without two hexadecimal digits", 'mem://x/100%25']),
                (self.at('x' * 5000), 'INVALID_ARGUMENT', ['5005 bytes', 'at most 255']),
                (self.at('x/' * 2500), 'INVALID_ARGUMENT', ['bytes', 'at most 4095', 'working directory']),
                (self.at('n' * 251), 'INVALID_ARGUMENT', ['256 bytes', 'at most 255']),
                (self.at('none/data'), 'NOT_FOUND', ['there is no directory', self.at('none')])]:
            for call in (self.client.lock, self.client.inspect, self.client.probe):
                with self.subTest(uri=uri[:60], call=call.__name__):
                    self.refused(status, words, call, uri)
        self.assertEqual(self.names(), [])

    def test_a_file_is_no_folder(self):
        self.plant('data')
        self.refused('NOT_FOUND', [self.at('data'), 'Not a directory'], self.client.lock, self.at('data/x'))
        self.assertEqual(self.names(), ['data'])

    def test_a_password_is_refused_and_never_repeated(self):
        for uri in (f's3://user:{SECRET}@bucket/k', f'sftp://u:{SECRET}@h/p', f'mem://u:{SECRET}@h/{SECRET}?x',
                    f'file://u:{SECRET}@localhost/p', f'gopher://u:{SECRET}@h/p', f's3://u:{SECRET}/@bucket/k'):
            for call in (self.client.lock, self.client.inspect, self.client.probe):
                error = self.refused('INVALID_URI', ['password', 'user@host/path'], call, uri)
                self.assertNotIn(SECRET, error.message + error.uri)

    def test_dots_belong_to_paths_and_not_to_uris(self):
        os.makedirs(self.at('a/b'))
        for path in ('/a/../data', '/a/b/..', '/..', '/a/%2e%2E/data', '/a/.%2e'):
            self.refused('INVALID_URI', ["'..'", 'without', 'the path alone'], self.client.lock, f'file://{self.folder}{path}')
        self.assertEqual(self.names(), ['a'])
        for given in (self.at('a/b/../../data'), self.at('a/../data'), f'file://{self.folder}/./data'):
            lock = self.client.lock(given)
            self.assertEqual(self.names(), ['a', 'data.lock'])
            self.refused('HELD', [], self.client.lock, self.at('data'))
            self.assertEqual(self.client.inspect(self.client.inspect(given)['uri'])['id'], lock.id)  # what is told can be given
            lock.release()
        lock = self.client.lock(self.at('a/b/..'))  # the folder a itself
        self.refused('HELD', [], self.client.lock, self.at('a'))
        lock.release()
        self.client.lock(f'file://{self.folder}/..a..').release()
        self.assertEqual(self.names(), ['a'])


class OddNames(Case):
    def test_what_is_odd_but_no_mistake_is_locked_beside_itself(self):
        os.mkdir(self.at('folder'))
        for given, name in [('folder', 'folder.lock'), ('folder/', 'folder.lock'), ('absent', 'absent.lock'),
                            ('Cargo.lock', 'Cargo.lock.lock'), ('a b%41?#', 'a b%41?#.lock'), ('.lock', '.lock.lock'),
                            ('\n', '\n.lock'), ('n' * 250, 'n' * 250 + '.lock')]:
            with self.subTest(given):
                lock = self.client.lock(self.at(given))
                self.assertEqual(self.names(), sorted(['folder', name]))
                lock.release()
                self.assertEqual(self.names(), ['folder'])

    def test_the_longest_name_can_be_taken_over(self):
        name = self.at('n' * 250)
        dead = self.client.lock(name, ttl_ms=1)
        while self.client.inspect(name)['state'] != 'stale':
            pass
        thief = self.client.lock(name)
        self.assertEqual(self.names(), ['n' * 250 + '.lock'])
        self.refused('LOST', [], dead.check)
        thief.release()
        dead.free()
        self.assertEqual(self.names(), [])

    def command(self, verb, *arguments):
        done = subprocess.run([os.environ['VFSLOCK_COMMAND'], verb, '--json', *arguments],
                              stdout=subprocess.PIPE, check=False)
        return json.loads(done.stdout)

    def test_a_path_that_is_no_utf8_is_locked_byte_for_byte(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        name = b'caf\xe9\xc3\xa9'
        path, uri = os.fsencode(self.folder) + b'/' + name, f'file://{self.folder}/caf%E9%C3%A9'
        lock = self.client.lock(path)
        self.assertEqual(os.listdir(b'.'), [name + b'.lock'])
        for given, shown in [(path, uri), (uri.lower(), uri), (name, 'caf%E9é'), (b'./' + name, './caf%E9é')]:
            with self.subTest(given):  # relative paths stay paths
                report = self.client.inspect(given)
                self.assertEqual((report['uri'], report['state'], report['id']), (shown, 'held', lock.id))
                self.refused('HELD', [], self.client.lock, given)
        self.assertEqual(self.client.inspect(b'caf\xc3\xa9')['state'], 'free')
        lock.release()
        taken = self.command('acquire', name)
        self.assertEqual(self.command('status', name)['id'], taken['id'])
        released = self.command('release', name, taken['id'])
        self.assertEqual((taken['uri'], released['uri']), ('caf%E9é', 'caf%E9é'))
        self.assertEqual(self.names(), [])


class Options(Case):
    def test_values_out_of_range(self):
        too_long = 'x' * 1001
        for options, words in [
                ({'ttl_ms': -1}, ['-1', '1 to 86400000']),
                ({'ttl_ms': 86400001}, ['86400001', '1 to 86400000']),
                ({'ttl_ms': 999, 'renewal': True}, ['1000']),
                ({'owner': 'a\nb'}, ['owner_id', 'control characters']),
                ({'owner': b'\xff'}, ['owner_id', 'UTF-8']),
                ({'owner': too_long}, ['owner_id', '1000 bytes']),
                ({'attributes': {'a\x7f': 'x'}}, ['name', 'control characters']),
                ({'attributes': {'a': 'x\x1b'}}, ['value', 'control characters']),
                ({'attributes': {'a': too_long}}, ['value', '1000 bytes']),
                ({'attributes': {'': 'x'}}, ['name', 'empty']),
                ({'attributes': {f'n{i}': 'x' for i in range(65)}}, ['64']),
                ({'attributes': {f'n{i}': 'x' * 1000 for i in range(5)}}, ['4096 bytes']),
                ({'steal': 'all'}, ['"all"', 'lease, dead or never']),
                ({'require': 3}, ['3', 'VFSLOCK_GUARANTEE_NONE, _TIMED or _EXACT'])]:
            with self.subTest(str(options)[:60]):
                self.refused('INVALID_ARGUMENT', words, self.client.lock, self.at('data'), **options)
                self.assertEqual(self.names(), [])

    def test_an_unknown_key_names_the_nearest(self):
        for key, value, words in [('lock__nam', 'x', ['"lock.nam"', '"lock.name"']),
                                  ('s3__secretkey', SECRET, ['"s3.secret_key"']),
                                  ('file__mode', 'rw', ['"rw"', 'octal', '0640']),
                                  ('steal', 'dead', ['vfslock_options_set'])]:
            error = self.refused('INVALID_ARGUMENT', words, vfslock.Client, **{key: value})
            self.assertNotIn(SECRET, error.message)


if __name__ == '__main__':
    unittest.main()
