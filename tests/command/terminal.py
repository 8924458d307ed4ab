"""On a terminal the command works as if `run` were not there. A shell with job control does what a person would."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from support import PATIENCE, VFSLOCK, Case, environment, gone, main, stat, stopped, until

# A job that reads the terminal line by line, says so, and ends at "end".
READER = '''#!/bin/sh
echo "$$ 1" > "$1.new"; mv "$1.new" "$1"
echo ready
while read -r line; do
  [ "$line" = end ] && exit 3
  echo "got $line"
done
'''


class Shell:
    """bash with job control on a terminal of its own."""

    def __init__(self, case, program=('bash', '--norc', '--noprofile', '--noediting', '-i'), columns=80):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(case.folder)
            os.execvpe(program[0], program, environment(PS1='$ ', PS2='', TERM='dumb', HISTFILE='', VFS=VFSLOCK))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        self.seen = ''
        case.addCleanup(self.close)

    def close(self):
        os.close(self.master)  # hangs up: the shell and its jobs end
        end = time.monotonic() + PATIENCE
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.005)

    def send(self, text):
        os.write(self.master, text.encode())

    def line(self, text):
        self.send(text + '\n')

    def expect(self, pattern):
        """Reads until the terminal shows the pattern; returns the match. What came before is forgotten."""
        end = time.monotonic() + PATIENCE
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f'{pattern!r} was not shown: {self.seen!r}')
            try:
                got = os.read(self.master, 65536)
            except OSError:  # the other end is closed
                got = b''
            if not got:
                raise AssertionError(f'{pattern!r} was not shown before the end: {self.seen!r}')
            self.seen += got.decode('utf-8', 'replace')

    def foreground(self):
        return int(stat(self.pid)[5])


class Terminal(Case):
    def setUp(self):
        super().setUp()
        self.write('reader', READER, 0o755)

    def shell(self, columns=80):
        shell = Shell(self, columns=columns)
        shell.expect(r'\$ ')
        shell.line('set -b')  # tells of jobs at once: before that it would not continue them
        shell.expect(r'\$ ')
        return shell

    def job(self, shell, name):
        """The command that just started, and its `run`."""
        command = int(until(lambda: os.path.exists(self.path(name)) and self.read(name), name).split()[0])
        self.addCleanup(self.kill, command)
        return command, int(stat(command)[1])

    def test_the_command_reads_the_terminal_and_gives_it_back(self):
        shell = self.shell()
        shell.line('"$VFS" run data.csv -- ./reader first; echo "code $?"')
        shell.expect('ready')
        command, run = self.job(shell, 'first')
        self.assertEqual(shell.foreground(), command)
        self.assertNotEqual(os.getpgid(run), command)
        shell.line('hello')
        shell.expect('got hello')
        shell.line('end')
        shell.expect(r'code 3\r\n')
        shell.expect(r'\$ ')
        self.assertEqual(shell.foreground(), os.getpgid(shell.pid))
        self.assert_free()

    def test_stop_and_foreground(self):
        shell = self.shell()
        for round_ in range(3):
            if round_ == 0:
                shell.line('"$VFS" run data.csv -- ./reader first; echo "code $?"')
                shell.expect('ready')
                command, run = self.job(shell, 'first')
            else:
                shell.line('fg')
            until(lambda: shell.foreground() == command, 'the command in the foreground')
            shell.line(f'hello {round_}')
            shell.expect(f'got hello {round_}')
            shell.send('\x1a')
            shell.expect('Stopped')
            shell.expect(r'\$ ')
            self.assertTrue(stopped(command) and stopped(run))
            self.assertEqual(shell.foreground(), os.getpgid(shell.pid))
        before = self.read('data.csv.lock')
        shell.line('fg')
        until(lambda: not stopped(command), 'the continuation')
        self.assertNotEqual(self.read('data.csv.lock'), before, 'continued before the lock was renewed')
        shell.line('end')
        shell.expect(r'\$ ')
        until(lambda: gone(run), 'the end of run')
        self.assert_free()

    def test_background_stops_at_the_terminal_and_works_on_without_it(self):
        shell = self.shell()
        shell.line('"$VFS" run data.csv -- ./reader first')
        shell.expect('ready')
        command, run = self.job(shell, 'first')
        shell.send('\x1a')
        shell.expect('Stopped')
        before = self.read('data.csv.lock')
        shell.line('bg')
        until(lambda: self.read('data.csv.lock') != before, 'the renewal before it is continued')
        # In the background it reads again, and is stopped for that; the shell gets to know it.
        until(lambda: stopped(command) and stopped(run), 'the stop at the terminal')
        shell.expect('Stopped')
        shell.line('fg')
        until(lambda: shell.foreground() == command, 'the command in the foreground')
        shell.line('end')
        until(lambda: gone(run), 'the end of run')

    def test_started_in_the_background_brought_to_the_foreground(self):
        shell = self.shell()
        shell.line('"$VFS" run data.csv -- ./reader first &')
        command, run = self.job(shell, 'first')
        until(lambda: stopped(command) and stopped(run), 'the stop at the terminal')
        shell.expect('Stopped')
        shell.line('fg')
        until(lambda: shell.foreground() == command and not stopped(command), 'the command in the foreground')
        shell.line('hello')
        shell.expect('got hello')
        shell.line('end')
        until(lambda: gone(run), 'the end of run')

    def test_interrupt(self):
        shell = self.shell()
        shell.line('"$VFS" run data.csv -- ./work first; echo "code $?"')
        command, _ = self.job(shell, 'first')
        until(lambda: shell.foreground() == command, 'the command in the foreground')
        shell.send('\x03')
        shell.expect(r'code 130\r\n')
        self.assert_free()

    def test_interrupt_ends_the_script_around_it(self):
        """As it would without run: the terminal's Ctrl-C is for the whole job."""
        self.write('script', '#!/bin/sh\n"$VFS" run data.csv -- ./work first\necho "went on"\n', 0o755)
        shell = self.shell()
        shell.line('./script')
        command, _ = self.job(shell, 'first')
        until(lambda: shell.foreground() == command, 'the command in the foreground')
        shell.send('\x03')
        shell.expect(r'\^C')
        shell.line('echo "code $?"')
        self.assertNotIn('went on', shell.expect(r'(?s)(.*)code 130\r\n')[1])

    def test_stop_stops_the_script_around_it(self):
        self.write('script', '#!/bin/sh\n"$VFS" run data.csv -- ./reader first\necho "went on"\n', 0o755)
        shell = self.shell()
        shell.line('./script; echo "code $?"')
        shell.expect('ready')
        command, run = self.job(shell, 'first')
        shell.send('\x1a')
        shell.expect('Stopped')
        script = int(stat(run)[1])
        until(lambda: all(map(stopped, (command, run, script))), 'the stop of all')
        shell.line('fg')
        until(lambda: shell.foreground() == command, 'the command in the foreground')
        shell.line('end')
        shell.expect('went on')

    def test_the_script_around_it_gets_the_terminal_back(self):
        work = '"$VFS" run data.csv -- ./reader first\nread -r line\necho "script got $line"\n'
        self.write('script', '#!/bin/sh\n' + work, 0o755)
        shell = self.shell()
        shell.line('./script')
        shell.expect('ready')
        shell.line('end')
        shell.line('hello')
        shell.expect('script got hello')

    def test_in_a_pipeline_it_gets_the_terminal_when_it_asks(self):
        shell = self.shell()
        shell.line('"$VFS" run data.csv -- ./reader first | cat; echo "code $?"')
        shell.expect('ready')
        shell.line('hello')
        shell.expect('got hello')
        command, _ = self.job(shell, 'first')
        self.assertEqual(shell.foreground(), command)
        shell.line('end')
        shell.expect(r'code 0\r\n')
        shell.expect(r'\$ ')

    def test_a_pipelines_other_end_keeps_the_terminal(self):
        shell = self.shell()
        self.write('ask', '#!/bin/sh\nread -r piped; read -r typed < /dev/tty; echo "$piped $typed"\n', 0o755)
        shell.line('"$VFS" run data.csv -- sh -c "echo piped; exec ./work first" | ./ask')
        command, run = self.job(shell, 'first')
        shell.line('typed')
        shell.expect('piped typed\r\n')
        self.assertEqual(shell.foreground(), os.getpgid(run))
        shell.send('\x03')  # and this is passed on
        until(lambda: gone(command), 'the end of the command')

    def test_a_killed_editor_does_not_spoil_the_terminal(self):
        shell = self.shell()
        shell.line('"$VFS" run --ttl 1s data.csv -- sh -c "stty raw -echo; ./work first"; echo "code $?"')
        self.job(shell, 'first')
        os.unlink(self.lock)
        shell.expect(r'lost the lock of data.csv')
        shell.expect(r'code 76\r\n')
        shell.line('stty -a')
        shell.expect(r' icanon')
        shell.expect(r' echo ')

    def test_without_job_control_above_it_nothing_stays_stopped(self):
        """A terminal whose first process is run: nobody could continue it."""
        shell = Shell(self, program=(VFSLOCK, 'run', 'data.csv', '--', './reader', 'first'))
        shell.expect('ready')
        command = self.job(shell, 'first')[0]
        shell.send('\x1a')
        shell.line('hello')
        shell.expect('got hello')
        shell.line('end')
        until(lambda: gone(command), 'the end')

    def test_an_orphaned_job_that_wants_the_terminal_ends(self):
        shell = self.shell()
        shell.line('(sh -c \'"$VFS" run data.csv -- ./reader first < /dev/tty & . ./functions; until_there go\' &)')
        until(lambda: os.path.exists(self.path('first')), 'the start of the command')
        command = int(self.read('first').split()[0])
        self.write('go', '')
        until(lambda: gone(command), 'the end of a command that nobody could continue')
        until(lambda: self.vfslock('status', 'data.csv').returncode == 0, 'the release')

    def test_the_live_line(self):
        holder, _, _ = self.hold('first', '--owner', 'the owner')
        shell = self.shell(columns=160)
        shell.line('"$VFS" run --wait forever data.csv -- echo at last; echo "code $?"')
        shown = shell.expect('\r(waiting [^\x1b]*)\x1b\\[K')[1]
        self.assertRegex(shown, r'^waiting \d+ \w+ for data\.csv: held by the owner on \S+ \(PID \d+\) '
                                r'since \d\d:\d\d:\d\d until \d\d:\d\d:\d\d$')
        self.assertIn(f'PID {holder.pid}', shown)
        shell.expect(r'\rwaiting 1 s for data\.csv')  # it lives
        holder.terminate()
        shell.expect('\r\x1b\\[Kat last\r\n')
        shell.expect(r'code 0\r\n')

    def test_the_live_line_is_never_wider_than_the_terminal(self):
        self.hold('first', '--owner', 'ö' * 200)
        shell = self.shell(columns=40)
        shell.line('"$VFS" run --wait forever data.csv -- true; echo "code $?"')
        self.assertEqual(len(shell.expect('\r(waiting [^\x1b\r]*)\x1b\\[K')[1]), 39)
        shell.send('\x03')
        shell.expect('\r\x1b\\[Kvfslock: interrupted by SIGINT')
        shell.expect(r'code 130\r\n')

    def test_stop_while_waiting(self):
        holder, _, _ = self.hold('first')
        shell = self.shell()
        shell.line('"$VFS" run --wait forever data.csv -- echo at last; echo "code $?"')
        shell.expect('waiting ')
        shell.send('\x1a')
        shell.expect('Stopped')
        shell.expect('\r\n')
        shell.line('fg')
        shell.expect('\rwaiting ')
        holder.terminate()
        shell.expect('at last\r\n')


if __name__ == '__main__':
    main()
