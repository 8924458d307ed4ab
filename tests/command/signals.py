"""Signals: passed on to the command's group, or the end of a wait."""
import os
import signal
import sys

from support import Case, gone, main, script, signal_set, stopped, until, waits

# Notes each signal that it gets, in the file of its first argument; ends with 9 at TERM.
NOTE = '''
import os, signal, sys
noted = {getattr(signal, name) for name in sys.argv[2:]}
signal.pthread_sigmask(signal.SIG_BLOCK, noted)  # a handler might come just before a pause, and be noticed after it
with open('new', 'w') as file: file.write(f'{os.getpid()} 1')
os.rename('new', sys.argv[1])
while True:
    number = signal.sigwait(noted)
    with open(sys.argv[1] + '.got', 'a') as file: file.write(signal.Signals(number).name + '\\n')
    if number == signal.SIGTERM: os._exit(9)
'''
PASSED = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGWINCH', 'SIGCONT', 'SIGTERM']


class Passed(Case):
    def noting(self, name, *options, **more):
        return self.hold(name, *options, command=[sys.executable, '-ES', '-c', NOTE, name, *PASSED], **more)

    def got(self, name):
        return self.read(name + '.got').split() if os.path.exists(self.path(name + '.got')) else []

    def test_each_is_passed_on_and_the_code_is_the_commands(self):
        holder, _, _ = self.noting('first')
        for count, name in enumerate(PASSED, 1):
            holder.send_signal(getattr(signal, name))
            until(lambda count=count: len(self.got('first')) == count, f'the arrival of {name}')
        self.finish(holder, 9)
        self.assertEqual(self.got('first'), PASSED)
        self.assert_free()

    def test_they_reach_the_whole_group(self):
        holder = self.start('run', 'data.csv', '--', *script('./work one & ./work two & wait'))
        workers = [self.started(holder, name)[0] for name in ('one', 'two')]
        holder.terminate()
        self.finish(holder, 128 + signal.SIGTERM)
        for worker in workers:
            until(lambda worker=worker: gone(worker), 'the end of a worker')

    def test_what_run_was_started_to_ignore_is_passed_on_too(self):
        """Sent to the command itself, it would arrive: whoever handles a signal gets it."""
        holder = self.start('run', 'data.csv', '--', sys.executable, '-ES', '-c', NOTE, 'first', *PASSED,
                            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.started(holder, 'first')
        holder.send_signal(signal.SIGHUP)
        until(lambda: self.got('first') == ['SIGHUP'], 'the arrival')

    def test_a_stop_is_passed_on_and_comes_back(self):
        holder, command, _ = self.hold('first', process_group=0)  # as a shell with job control starts it
        holder.send_signal(signal.SIGTSTP)
        until(lambda: stopped(command) and stopped(holder.pid), 'the stop of both')
        holder.send_signal(signal.SIGCONT)
        until(lambda: not stopped(command) and not stopped(holder.pid), 'their continuation')
        holder.terminate()
        self.finish(holder, 128 + signal.SIGTERM)

    def test_a_stop_that_nobody_could_end_does_not_happen(self):
        """Without a shell above us the kernel would not stop the command at all."""
        holder, command, _ = self.noting('first', start_new_session=True)
        holder.send_signal(signal.SIGTSTP)
        until(lambda: self.got('first') == ['SIGCONT'], 'the continuation')
        until(lambda: not stopped(command), 'the end of the stop')
        self.assertFalse(stopped(holder.pid))

    def test_a_stopped_command_alone_does_not_stop_run(self):
        """Nobody at a terminal did that: the lock is kept for it."""
        holder, command, _ = self.hold('first', '--ttl', '5s')
        os.kill(command, signal.SIGSTOP)
        until(lambda: stopped(command), 'the stop')
        before = self.read('data.csv.lock')
        until(lambda: self.read('data.csv.lock') != before, 'a renewal')
        self.assertFalse(stopped(holder.pid))
        os.kill(command, signal.SIGCONT)
        until(lambda: not stopped(command), 'its continuation')
        self.expect(75, 'run', 'data.csv', '--', 'true')


class WhileWaiting(Case):
    def wait_beside(self, **more):
        self.hold('first')
        waiter = self.start('run', '--wait', 'forever', 'data.csv', '--', './work', 'second', **more)
        until(lambda: waits(waiter.pid), 'the wait')
        return waiter

    def test_a_signal_ends_the_wait(self):
        record = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
            if record is None:
                waiter = self.wait_beside()
                record = self.read('data.csv.lock')
            else:
                waiter = self.start('run', '--wait', 'forever', 'data.csv', '--', './work', 'second')
                until(lambda waiter=waiter: waits(waiter.pid), 'the wait')
            waiter.send_signal(number)
            self.assertIn(number.name, self.finish(waiter, 128 + number))
        self.assertFalse(os.path.exists(self.path('second')))
        self.assertEqual(self.read('data.csv.lock'), record)
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if 'lock' in name), ['data.csv.lock'])

    def test_what_is_ignored_does_not_end_it(self):
        waiter = self.wait_beside(preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        waiter.send_signal(signal.SIGINT)
        waiter.send_signal(signal.SIGWINCH)
        until(lambda: not signal_set(waiter.pid, 'ShdPnd'), 'the arrival')
        waiter.send_signal(signal.SIGTERM)
        self.finish(waiter, 128 + signal.SIGTERM)

    def test_a_kill_leaves_nothing(self):
        waiter = self.wait_beside()
        waiter.kill()
        waiter.wait()
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if 'lock' in name), ['data.csv.lock'])


if __name__ == '__main__':
    main()
