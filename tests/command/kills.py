"""SIGKILL of `run` while its command works and others wait: the next one starts when that one is gone (DESIGN §7).

The commands detect each other by flock(2) on a file of their own, which the kernel opens at their death."""
import os
import random
import subprocess
import sys
import time

from support import VFSLOCK, Case, environment, main, until

KILLS = int(sys.argv.pop(1))
CONTENDERS = 3
WORK = '''
import fcntl, os, random, sys, time
log = os.open('log', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
inside = os.open('inside', os.O_RDWR | os.O_CREAT)
def say(*words): os.write(log, (' '.join(map(str, words)) + '\\n').encode())
token = os.environ['VFSLOCK_TOKEN']
try: fcntl.flock(inside, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError: say('overlap', token, 0)
say('enter', token, sys.argv[1])
time.sleep(random.uniform(0.005, 0.03))
say('leave', token, sys.argv[1])
os._exit(0)
'''


class Kills(Case):
    def contender(self, number, target):
        """Works itself, or by a child, which the parent-death signal does not reach: the descriptor does."""
        worker = [sys.executable, '-ES', '-c', WORK]
        name = f'contender-{number}'
        command = [*worker, name] if number % 2 else ['sh', '-c', '"$@"; :', 'sh', *worker, name]
        process = subprocess.Popen([VFSLOCK, 'run', '--wait', 'forever', target, '--', *command], cwd=self.folder,
                                   env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, process)
        return name, process

    def log(self):
        try:
            return [line.split() for line in self.read('log').splitlines()]
        except FileNotFoundError:
            return []

    def contend(self, kills, target):
        """Returns the log and how many were killed while their command worked."""
        chance = random.Random()
        started = killed = 0
        running = {}
        while killed < kills:
            while len(running) < CONTENDERS:
                started += 1
                name, process = self.contender(started, target(started))
                running[name] = process

            def somebody_inside():
                for name, process in list(running.items()):
                    if process.poll() is not None:
                        del running[name]
                entered = [line for line in self.log() if line[0] != 'overlap'][-1:]
                inside = bool(entered) and entered[0][0] == 'enter' and entered[0][2] in running
                return inside or len(running) < CONTENDERS
            until(somebody_inside, 'the next command')
            lines = self.log()
            if len(running) < CONTENDERS or not lines or lines[-1][2] not in running:
                continue
            entered = lines[-1]
            time.sleep(chance.uniform(0, 0.008))  # the moment of the kill
            if ['leave', *entered[1:]] in self.log():
                continue
            victims = [entered[2]]
            killed += 1
            if killed % 4 == 0:  # and somebody who waits, or is about to take the lock
                victims += [chance.choice([name for name in running if name not in victims])]
            for name in victims:
                running[name].kill()
            for name in victims:
                running.pop(name).wait()
        for process in running.values():
            process.wait(60)
        return self.log(), killed

    def test_no_command_meets_another(self):
        log, killed = self.contend(KILLS, lambda _: 'data.csv')
        entered = [int(token) for what, token, _ in log if what == 'enter']
        print(f'{killed} kills, {len(entered)} commands')
        self.assertEqual([line for line in log if line[0] == 'overlap'], [])
        self.assertEqual(entered, sorted(set(entered)), 'a token did not grow')
        self.assertGreater(len(entered), killed)
        until(lambda: self.vfslock('status', 'data.csv').returncode == 0, 'the end of the last command')
        self.expect(0, 'run', 'data.csv', '--', 'true')
        left = sorted(os.listdir(self.folder))
        self.assertEqual(left, ['data.csv', 'functions', 'inside', 'log', 'work'])

    def test_a_lock_that_does_not_lock_is_caught(self):
        log, _ = self.contend(min(KILLS, 20), lambda number: f'data-{number}.csv')
        self.assertTrue([line for line in log if line[0] == 'overlap'])


if __name__ == '__main__':
    main()
