"""A lock that is lost, or about to be: the command's whole group ends before another may hold it (DESIGN §7)."""
import json
import os
import signal
import sys
import time
from datetime import datetime

from support import Case, gone, guarded, main, plant, proof_is_locked, script, stopped, until, waits

# Works on after TERM, and notes that it came; in the file of its first argument it says that it works.
STUBBORN = '''
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
with open(sys.argv[1] + '.new', 'w') as file: file.write(f'{os.getpid()} {os.environ["VFSLOCK_TOKEN"]}')
os.rename(sys.argv[1] + '.new', sys.argv[1])
while signal.sigwait({signal.SIGTERM}):
    with open(sys.argv[1] + '.term', 'a') as file: file.write('TERM\\n')
'''


def stubborn(name):
    return [sys.executable, '-ES', '-c', STUBBORN, name]


class Lost(Case):
    def told_lost(self, process):
        said = self.finish(process, 76)
        self.assertIn('lost the lock of data.csv', said)
        return said

    def ended(self, *pids):
        for pid in pids:
            self.assertTrue(gone(pid), f'process {pid} of the command is there after the end of run')

    def test_another_record_stands_there(self):
        holder, command, _ = self.hold('first', '--ttl', '1s')
        plant(self.lock, ownerId='another')
        self.told_lost(holder)
        self.ended(command)
        self.assertEqual(json.loads(self.read('data.csv.lock'))['ownerId'], 'another')

    def test_the_record_is_gone(self):
        holder, command, _ = self.hold('first', '--ttl', '1s')
        os.unlink(self.lock)
        self.told_lost(holder)
        self.ended(command)

    def test_the_whole_group_ends_whatever_it_does_about_term(self):
        work = '"$@" one & "$@" two & trap "" TERM; until_there one; until_there two; started three; wait; wait; wait'
        holder = self.start('run', '--ttl', '1s', 'data.csv', '--', *script(work, *stubborn('x')[:-1]))
        pids = [self.started(holder, name)[0] for name in ('one', 'two', 'three')]
        os.unlink(self.lock)
        self.told_lost(holder)
        self.ended(*pids)
        self.assertEqual(self.read('one.term'), 'TERM\n')

    def test_who_ends_at_term_is_not_waited_for(self):
        work = script('trap "echo tidied > tidy; exit 0" TERM; started first; until_there never')
        holder, command, _ = self.hold('first', '--ttl', '1s', command=work)
        os.unlink(self.lock)
        self.told_lost(holder)  # and not the 0 of the command
        self.ended(command)
        self.assertEqual(self.read('tidy'), 'tidied\n')

    def test_a_loss_that_only_the_release_finds(self):
        holder, _, _ = self.hold('first', command=script('started first; until_there go'))
        plant(self.lock, ownerId='another')
        self.write('go', '')
        self.told_lost(holder)
        self.assertEqual(json.loads(self.read('data.csv.lock'))['ownerId'], 'another')

    def test_as_json(self):
        holder, _, _ = self.hold('first', '--ttl', '1s', '--json')
        os.unlink(self.lock)
        told = [json.loads(line) for line in self.finish(holder, 76).splitlines()]
        found = [(line['event'], line.get('exit_code')) for line in told]
        self.assertEqual(found, [('acquired', None), ('lost', 76)])

    def test_paused_beyond_its_lease(self):
        """Robbed after the lease only; told when it wakes; its command, stopped, does not run again."""
        holder, command, token = self.hold('first', '--ttl', '1s', command=stubborn('first'))
        os.kill(holder.pid, signal.SIGSTOP)
        os.kill(command, signal.SIGSTOP)
        thief, thief_command, thief_token = self.hold('second', '--wait', '1m', '--owner', 'thief')
        self.assertGreater(thief_token, token)
        self.assertFalse(gone(command))  # a stopped run ends nothing
        os.kill(holder.pid, signal.SIGCONT)
        self.told_lost(holder)
        self.ended(command)
        self.assertFalse(os.path.exists(self.path('first.term')), 'the command ran without the lock')
        self.assertFalse(gone(thief_command))
        self.assertEqual(json.loads(self.read('data.csv.lock'))['pid'], thief.pid)

    def test_paused_beyond_its_lease_with_nobody_there(self):
        holder, command, _ = self.hold('first', '--ttl', '1s')
        os.kill(holder.pid, signal.SIGSTOP)
        until(lambda: stopped(holder.pid), 'the stop')
        until(self.lease_is_over, 'the end of the lease')
        os.kill(holder.pid, signal.SIGCONT)
        self.told_lost(holder)
        self.ended(command)

    def lease_is_over(self):
        record = json.loads(self.read('data.csv.lock'))
        began = datetime.strptime(record['createdAt'][:19] + 'Z', '%Y-%m-%dT%H:%M:%S%z').timestamp()
        return time.time() > began + 1 + record['ttl'] / 1e9

    def test_the_proof_of_life_outlives_the_command(self):
        """Who takes locks of the dead alone enters after the command's end (RELIABILITY §4.3)."""
        holder, command, _ = self.hold('first', '--ttl', '1s', command=stubborn('first'))
        os.kill(holder.pid, signal.SIGSTOP)  # the command works on
        until(self.lease_is_over, 'the end of the lease')
        self.assertTrue(proof_is_locked(self.lock))
        os.kill(holder.pid, signal.SIGCONT)
        met = []

        def look():
            if not proof_is_locked(self.lock) and not gone(command):
                met.append(command)
            return holder.poll() is not None
        until(look, 'the end of run')
        self.assertTrue(os.path.exists(self.path('first.term')), 'it was ended too fast to show anything')
        self.assertFalse(met, 'the proof of life was let go before the command ended')
        self.told_lost(holder)

    def test_paused_for_a_moment_it_goes_on(self):
        holder, command, _ = self.hold('first', '--ttl', '1h', process_group=0)
        for pid in (holder.pid, command):
            os.kill(pid, signal.SIGSTOP)
            until(lambda pid=pid: stopped(pid), 'the stop')
        before = self.read('data.csv.lock')
        os.kill(holder.pid, signal.SIGCONT)
        until(lambda: not stopped(command), 'the continuation of the command')
        self.assertNotEqual(self.read('data.csv.lock'), before, 'it was continued before the lock was renewed')
        holder.terminate()
        self.finish(holder, 128 + signal.SIGTERM)


LEASE = '6s'  # an eighth of it is time enough to end a command, on a machine that is busy too


class AboutToBeLost(Case):
    """No renewal succeeds: TERM with a quarter of the lease left, KILL with an eighth."""

    def test_term_ends_the_command_in_time(self):
        holder, command, _ = self.hold('first', '--ttl', LEASE)
        waiter = self.start('run', '--wait', '1m', 'data.csv', '--', './work', 'second')
        until(lambda: waits(waiter.pid), 'the wait')
        with guarded(self.lock):
            said = self.finish(holder, 76)
            self.assertTrue(gone(command))
            self.assertFalse(os.path.exists(self.path('second')), 'the next one was there before the command ended')
        for words in ('cannot renew', 'ending the command', 'lost the lock of data.csv'):
            self.assertIn(words, said)
        self.started(waiter, 'second')

    def test_kill_ends_whoever_ignores_term(self):
        holder, command, _ = self.hold('first', '--ttl', LEASE, command=stubborn('first'))
        with guarded(self.lock):
            until(lambda: os.path.exists(self.path('first.term')), 'TERM')
            said = self.finish(holder, 76)
            self.assertTrue(gone(command))
        # Had it been ended when the lock was lost, this would tell of the loss.
        self.assertIn('could not be renewed', said)

    def test_a_worker_that_outlives_its_shell_ends_too(self):
        holder = self.start('run', '--ttl', LEASE, 'data.csv', '--',
                            *script('"$@" & until_there worker; started first; wait', *stubborn('worker')))
        worker, shell = self.started(holder, 'worker')[0], self.started(holder, 'first')[0]
        with guarded(self.lock):
            until(lambda: gone(shell), 'the end of the shell')
            self.finish(holder, 76)
            self.assertTrue(gone(worker))

    def test_a_bad_spell_that_passes(self):
        """Warned, and renewed in time: nobody is ended."""
        holder, command, _ = self.hold('first', '--ttl', '10s')
        with guarded(self.lock):
            self.assertIn('cannot renew', holder.stderr.readline())
        before = self.read('data.csv.lock')
        until(lambda: self.read('data.csv.lock') != before, 'the renewal')
        self.assertFalse(gone(command))
        holder.terminate()
        self.finish(holder, 128 + signal.SIGTERM)

    def test_the_terminated_command_may_take_its_time_when_the_lock_is_renewed_again(self):
        work = script('trap "until_there go; exit 0" TERM; started first; until_there never')
        holder, _, _ = self.hold('first', '--ttl', LEASE, command=work)
        with guarded(self.lock):
            lines = [holder.stderr.readline(), holder.stderr.readline()]
            self.assertIn('ending the command', lines[1])
        for _ in 'ab':  # by the second one, run has looked at its lease again
            before = self.read('data.csv.lock')
            until(lambda before=before: self.read('data.csv.lock') != before, 'a renewal')
        self.write('go', '')
        # The 0 of a command that was ended says nothing.
        self.assertIn('could not be renewed', self.finish(holder, 76))
        self.expect(0, 'status', 'data.csv')


class NotGivenBack(Case):
    def test_a_lock_that_cannot_be_given_back_is_told(self):
        """Not lost, and yet not given back: its guard cannot be had."""
        for own, code in ((0, 69), (3, 3)):
            work = script(f'started started; until_there go; exit {own}')
            holder, _, _ = self.hold('started', '--ttl', '9s', command=work)
            with guarded(self.lock):
                self.write('go', '')
                self.assertIn('cannot give back', self.finish(holder, code))
            for name in ('go', 'started'):
                os.unlink(self.path(name))
            self.expect(0, 'run', 'data.csv', '--', 'true')


if __name__ == '__main__':
    main()
