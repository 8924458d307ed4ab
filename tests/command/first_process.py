"""run as PID 1 of a container: it forwards, reaps, and ends."""
import os
import subprocess
import unittest

from support import Case, PATIENCE, VFSLOCK, environment, main, until


def can_be_first():
    done = subprocess.run(['unshare', '--pid', '--fork', '--mount-proc', 'true'], stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@unittest.skipUnless(can_be_first(), 'no new PID namespace may be made here')
class FirstProcess(Case):
    def container(self, *arguments):
        return ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', VFSLOCK, 'run', 'data.csv', '--', *arguments]

    def test_it_ends_with_its_command_and_its_code(self):
        done = subprocess.run(self.container('sh', '-c', 'echo $PPID; exit 7'), cwd=self.folder, env=environment(),
                              stdout=subprocess.PIPE, timeout=PATIENCE, check=False, encoding='utf-8')
        self.assertEqual((done.returncode, done.stdout), (7, '1\n'))
        self.assert_free()

    def test_orphans_are_reaped(self):
        # A daemon whose parent ends belongs to PID 1; ended, it must not stay as a zombie.
        script = '''
            (sh -c 'sleep 0.05 & echo $! > orphan') ; orphan=$(cat orphan)
            i=0; while [ -e /proc/$orphan ] && [ $i -lt 2000 ]; do sleep 0.01; i=$((i + 1)); done
            [ ! -e /proc/$orphan ]'''
        done = subprocess.run(self.container('sh', '-c', script), cwd=self.folder, env=environment(), timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)

    def test_signals_reach_the_command(self):
        script = '''trap 'echo asked > asked; exit 5' TERM; : > ready; while :; do sleep 0.01; done'''
        process = subprocess.Popen(self.container('sh', '-c', script), cwd=self.folder, env=environment())
        self.addCleanup(self.end, process)
        until(lambda: os.path.exists(self.path('ready')), 'the command')
        with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='utf-8') as file:
            first = int(file.read().split()[0])
        os.kill(first, 15)  # as a container's runtime does
        self.assertEqual(process.wait(PATIENCE), 5)
        self.assertTrue(os.path.exists(self.path('asked')))
        self.assert_free()


main()
