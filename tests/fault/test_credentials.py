"""Where credentials come from, link by link: each hands out keys, and only requests that were signed with them pass."""
import os
import tempfile
import textwrap
import time
import unittest

import plain_s3
import proxy as faults
import services
import vfslock

# In no message, whatever goes wrong. Not what is wrong with it, either.
CANARY = 'CANARYsecretCANARY'


class Credentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.direct = plain_s3.Bucket()
        cls.proxy = faults.Proxy(cls.direct.port)
        cls.addClassCleanup(cls.proxy.close)

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.messages = []
        for name in list(os.environ):
            if name.startswith('AWS_'):
                del os.environ[name]
        os.environ.update(AWS_ENDPOINT_URL_S3=self.proxy.endpoint, AWS_EC2_METADATA_DISABLED='true',
                          AWS_CONFIG_FILE=self.path('config'), AWS_SHARED_CREDENTIALS_FILE=self.path('credentials'))
        self.key, self.secret = 'AKIAEXAMPLE', 'example/secret+key'
        refusal = faults.answer(403, faults.error_xml('SignatureDoesNotMatch'))
        self.proxy.always(lambda request: None if plain_s3.is_signed(request, self.key, self.secret) else refusal)

    def tearDown(self):
        for message in self.messages:
            self.assertNotIn(CANARY, message)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(textwrap.dedent(text))
        os.chmod(self.path(name), mode)
        return self.path(name)

    def service(self, service):
        self.addCleanup(service.close)
        return service

    def client(self, **keys):
        client = vfslock.Client(**keys)
        self.addCleanup(client.close)
        return client

    def use(self, token=None, **keys):
        """Takes and gives a lock by what is configured now; what the probe says of the credentials."""
        client = self.client(**keys)
        client.lock('s3://locks/credentials/data').release()
        self.assertEqual(self.proxy.seen()[-1].get('x-amz-security-token'), token)
        report = client.probe('s3://locks/credentials/data')
        self.assertNotIn(self.secret, str(report))
        self.assertEqual(report['probe']['access_key'], self.key[:4] + '…')
        return report['probe']['credentials']

    def fails(self, *words, name='UNAUTHENTICATED', **keys):
        with self.assertRaises(vfslock.Error) as raised:
            self.client(**keys).lock('s3://locks/credentials/data')
        self.messages.append(raised.exception.message)
        self.assertEqual(raised.exception.name, name, raised.exception.message)
        for word in words:
            self.assertIn(word, raised.exception.message)

    def test_keys_of_the_client_go_first(self):
        os.environ.update(AWS_ACCESS_KEY_ID='other', AWS_SECRET_ACCESS_KEY=CANARY)
        self.assertIn('s3.access_key', self.use(s3__access_key=self.key, s3__secret_key=self.secret))
        self.assertIn('s3.access_key', self.use('temporary', s3__access_key=self.key, s3__secret_key=self.secret,
                                                s3__session_token='temporary'))
        self.fails('secret access key is missing', s3__access_key=self.key)

    def test_the_environment(self):
        os.environ.update(AWS_ACCESS_KEY_ID=self.key + ' \n', AWS_SECRET_ACCESS_KEY='\t' + self.secret + '\r\n')
        self.assertIn('AWS_ACCESS_KEY_ID', self.use())
        os.environ['AWS_SESSION_TOKEN'] = 'from-the-environment'
        self.use('from-the-environment')
        os.environ['AWS_SECRET_ACCESS_KEY'] = CANARY + '\x01' + CANARY
        self.fails('control byte')
        del os.environ['AWS_SECRET_ACCESS_KEY']
        self.fails('missing')

    def test_static_keys_of_a_profile(self):
        self.write('credentials', f'''\
            [default]
            aws_access_key_id = wrong
            aws_secret_access_key = {CANARY}

            # a comment
            [dev]
            aws_access_key_id={self.key}
            aws_secret_access_key   =   {self.secret}   ; another one
            aws_session_token = {'t' * 900}
            ''')
        os.environ['AWS_PROFILE'] = 'dev'
        source = self.use('t' * 900)
        self.assertIn('profile "dev"', source)
        self.assertIn(self.path('credentials'), source)
        del os.environ['AWS_PROFILE']
        self.assertIn('profile "dev"', self.use('t' * 900, s3__profile='dev'))
        self.fails('no profile "gone"', self.path('config'), name='INVALID_ARGUMENT', s3__profile='gone')

    def test_endpoint_and_region_of_a_profile(self):
        del os.environ['AWS_ENDPOINT_URL_S3']
        self.write('config', f'''\
            [profile dev]
            region = eu-north-1
            services = here
            endpoint_url = http://127.0.0.1:1

            [services here]
            dynamodb =
              endpoint_url = http://127.0.0.1:1
            s3 =
              endpoint_url = {self.proxy.endpoint}
            ''')
        self.write('credentials', f'[dev]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n')
        self.use(s3__profile='dev')
        self.assertIn('/eu-north-1/s3/', self.proxy.seen()[-1].get('Authorization'))

    def test_wrong_keys_are_refused(self):
        os.environ.update(AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=CANARY)
        self.fails('SignatureDoesNotMatch')

    def test_files_that_cannot_be_used_are_named(self):
        os.mkdir(self.path('config'))
        self.fails(self.path('config'), 'directory', name='INVALID_ARGUMENT')
        os.rmdir(self.path('config'))
        for text, words in {f'[dev]\n{CANARY}\n': ('line 2', 'key = value'), f'a = {CANARY}\n': ('line 1', 'section'),
                            '[dev\n': ('line 1', ']'), f'[dev]\n = {CANARY}\n': ('line 2', 'no key')}.items():
            self.write('config', text)
            self.fails(self.path('config'), *words, name='INVALID_ARGUMENT')

    def test_a_process_of_the_profile(self):
        self.write('document', services.document(self.key, self.secret, 'by-process', name='SessionToken'))
        self.write('helper', f'#!/bin/sh\necho started >> "{self.path("runs")}"\n[ "$1 $2" = "a b c" ] || exit 9\ncat "{self.path("document")}"\n', 0o700)
        self.write('config', f'[default]\ncredential_process = "{self.path("helper")}" "a b" c\n')
        self.assertIn('credential_process', self.use('by-process'))
        with open(self.path('runs'), encoding='utf-8') as runs:
            self.assertEqual(len(runs.readlines()), 1)  # for all requests of a client

    def test_a_process_that_fails_says_its_last_words(self):
        self.write('helper', f'#!/bin/sh\necho "{CANARY}"\nprintf "sign in first\\033[0m" >&2\nexit 3\n', 0o700)
        self.write('config', f'[default]\ncredential_process = {self.path("helper")}\n')
        self.fails('exit code 3', 'sign in first', self.path('helper'))
        self.write('helper', f'#!/bin/sh\necho "{{\\"Version\\":1,\\"AccessKeyId\\":\\"{CANARY}"\n', 0o700)
        self.fails('no JSON')
        self.write('config', '[default]\ncredential_process = /no/such/program\n')
        self.fails('/no/such/program')
        self.write('config', '[default]\ncredential_process = "open\n')
        self.fails('open "', name='INVALID_ARGUMENT')

    def test_a_process_that_never_ends_is_bounded_and_ended(self):
        self.write('helper', f'#!/bin/sh\necho "asking" >&2\necho $$ > "{self.path("pid")}"\nsleep 1000\n', 0o700)
        self.write('config', f'[default]\ncredential_process = {self.path("helper")}\n')
        with self.assertRaises(vfslock.Error) as raised:
            self.client().inspect('s3://locks/credentials/data', timeout_ms=1500)
        self.assertIn('did not end in time', raised.exception.message)
        self.assertIn('asking', raised.exception.message)
        with open(self.path('pid'), encoding='utf-8') as pid:
            self.assertRaises(ProcessLookupError, os.kill, int(pid.read()), 0)

    def test_a_process_whose_grandchild_keeps_its_output_open_is_not_waited_for(self):
        self.write('document', services.document(self.key, self.secret, 'quick', name='SessionToken'))
        self.write('helper', f'#!/bin/sh\nsleep 300 &\necho $! > "{self.path("pid")}"\ncat "{self.path("document")}"\n', 0o700)
        self.write('config', f'[default]\ncredential_process = {self.path("helper")}\n')
        began = time.monotonic()
        self.use('quick')
        self.assertLess(time.monotonic() - began, 200)
        with open(self.path('pid'), encoding='utf-8') as pid:
            os.kill(int(pid.read()), 9)

    def test_web_identity_reads_its_token_at_each_refresh(self):
        tokens = []
        sts = self.service(services.token_service(self.key, self.secret, tokens))
        self.write('token', 'first\n')
        os.environ.update(AWS_WEB_IDENTITY_TOKEN_FILE=self.path('token'), AWS_ROLE_ARN='arn:aws:iam::1:role/r', AWS_ENDPOINT_URL_STS=sts.url)
        self.assertIn('web identity', self.use('sts-session'))
        self.write('token', ' second \n')
        self.use('sts-session')
        self.assertEqual((tokens[0], tokens[-1]), ('first', 'second'))
        self.write('token', 'expired')
        self.fails('ExpiredTokenException', 'Token expired')
        os.unlink(self.path('token'))
        self.fails(self.path('token'))
        del os.environ['AWS_ROLE_ARN']
        self.fails('AWS_ROLE_ARN')

    def test_a_region_that_would_send_the_token_elsewhere_is_refused(self):
        self.write('token', CANARY)
        os.environ.update(AWS_WEB_IDENTITY_TOKEN_FILE=self.path('token'), AWS_ROLE_ARN='arn:aws:iam::1:role/r',
                          AWS_REGION='evil.invalid/x')
        self.fails('AWS_REGION', name='INVALID_ARGUMENT', s3__region='eu-west-1')

    def test_web_identity_of_a_profile(self):
        sts = self.service(services.token_service(self.key, self.secret, []))
        self.write('token', 'first')
        self.write('config', f'[profile w]\nrole_arn = arn:aws:iam::1:role/r\nweb_identity_token_file = {self.path("token")}\n')
        os.environ['AWS_ENDPOINT_URL_STS'] = sts.url
        self.assertIn('profile "w"', self.use('sts-session', s3__profile='w'))

    def test_what_this_version_does_not_do_is_said_with_the_profile(self):
        self.write('config', '[profile a]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n'
                             '[profile b]\nsso_session = s\nsso_account_id = 1\n')
        self.fails('profile "a"', 'source_profile', 'not do yet', s3__profile='a')
        self.fails('profile "b"', 'SSO', 'not do yet', s3__profile='b')

    def test_the_container(self):
        service = self.service(services.container(self.key, self.secret, authorization='Bearer x'))
        os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = service.url + '/v2/keys?role=r'
        self.fails('401')
        os.environ['AWS_CONTAINER_AUTHORIZATION_TOKEN'] = 'Bearer x'
        self.assertIn('container', self.use('session'))
        self.assertEqual(service.asked[-1][1], '/v2/keys?role=r')
        os.environ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'] = self.write('authorization', 'Bearer x\n')
        self.use('session')
        os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = 'http://example.com/keys'
        self.fails('only https, this host and link-local', name='INVALID_ARGUMENT')

    def test_the_instance(self):
        service = self.service(services.instance(self.key, self.secret))
        os.environ.update(AWS_EC2_METADATA_DISABLED='false', AWS_EC2_METADATA_SERVICE_ENDPOINT=service.url)
        self.assertIn('IMDSv2', self.use('session'))
        self.assertEqual([(method, path) for method, path, _, _ in service.asked[:3]],
                         [('PUT', '/latest/api/token'), ('GET', '/latest/meta-data/iam/security-credentials/'),
                          ('GET', '/latest/meta-data/iam/security-credentials/the-role')])
        os.environ['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = 'http://example.com'
        self.fails('only this host and link-local', name='INVALID_ARGUMENT')

    def test_a_metadata_service_that_never_answers_costs_little(self):
        service = self.service(services.Service(lambda *_: None))
        os.environ.update(AWS_EC2_METADATA_DISABLED='false', AWS_EC2_METADATA_SERVICE_ENDPOINT=service.url)
        began = time.monotonic()
        self.fails('did not answer in time', 'AWS_ACCESS_KEY_ID is not set')
        self.assertLess(time.monotonic() - began, 30)  # generous; the bound itself is seen in the number of requests
        self.assertEqual(len(service.asked), 1)

    def test_without_any_the_error_lists_where_was_looked(self):
        self.fails('s3.access_key', 'AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE', self.path('credentials'),
                   'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_EC2_METADATA_DISABLED')

    def test_the_order_of_the_links(self):
        os.environ.update(AWS_EC2_METADATA_DISABLED='false',
                          AWS_EC2_METADATA_SERVICE_ENDPOINT=self.service(services.instance(self.key, self.secret)).url)
        self.assertIn('IMDSv2', self.use('session'))
        os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = self.service(services.container(self.key, self.secret)).url
        self.assertIn('container', self.use('session'))
        self.write('credentials', f'[default]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n')
        self.assertIn('profile', self.use())
        self.write('token', 'first')
        os.environ.update(AWS_WEB_IDENTITY_TOKEN_FILE=self.path('token'), AWS_ROLE_ARN='arn:aws:iam::1:role/r',
                          AWS_ENDPOINT_URL_STS=self.service(services.token_service(self.key, self.secret, [])).url)
        self.assertIn('web identity', self.use('sts-session'))
        os.environ.update(AWS_ACCESS_KEY_ID=self.key, AWS_SECRET_ACCESS_KEY=self.secret)
        self.assertIn('AWS_ACCESS_KEY_ID', self.use())

    def test_keys_near_their_end_are_fetched_again_and_good_ones_are_kept(self):
        service = self.service(services.container(self.key, self.secret))
        os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = service.url
        client = self.client()
        for _ in range(3):
            client.lock('s3://locks/credentials/data').release()
        self.assertEqual(len(service.asked), 1)

    def test_expired_keys_are_fetched_again(self):
        service = self.service(services.container(self.key, self.secret, seconds=1))
        os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = service.url
        client = self.client()
        client.lock('s3://locks/credentials/data').release()
        first = len(service.asked)
        until = time.time() + 2  # by the clock that the keys' end is told by
        while time.time() < until:
            time.sleep(0.05)
        client.lock('s3://locks/credentials/data').release()
        self.assertGreater(len(service.asked), first)

    def test_refused_keys_are_fetched_again_when_they_were_rotated(self):
        self.write('credentials', f'[default]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n')
        client = self.client()
        lock = client.lock('s3://locks/credentials/data', ttl_ms=60000)
        self.key, self.secret = 'AKIAROTATED', 'another/secret'
        self.write('credentials', f'[default]\naws_access_key_id = {self.key}\naws_secret_access_key = {self.secret}\n')
        until = time.monotonic() + 60
        while True:  # keys that were just read are trusted for a moment
            try:
                lock.renew()
                break
            except vfslock.Error as error:
                self.assertEqual(error.name, 'UNAUTHENTICATED', error.message)
                self.assertTrue(lock.held)
                self.assertLess(time.monotonic(), until)
        lock.release()


if __name__ == '__main__':
    unittest.main()
