"""Runs one example and checks what it says: check.py NAME PROGRAM COMMAND."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

NAME, PROGRAM, VFSLOCK = sys.argv[1], *map(os.path.abspath, sys.argv[2:])
PATIENCE = 60


def run(code, *said, uri='data'):
    done = subprocess.run([PROGRAM, uri], stdout=subprocess.PIPE, encoding='utf-8', timeout=PATIENCE, check=False)
    assert done.returncode == code, (done.returncode, done.stdout)
    for words in said:
        assert re.search(words, done.stdout), (words, done.stdout)


def vfslock(*arguments, code=0):
    done = subprocess.run([VFSLOCK, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8',
                          timeout=PATIENCE, check=False)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done.stdout.strip()


def start():
    """The example, with its output."""
    return subprocess.Popen([PROGRAM, 'data'], stdout=subprocess.PIPE, encoding='utf-8')


def check_try():
    run(0, 'mine, with token [1-9]')
    vfslock('acquire', 'data')
    run(75, 'held on .+ by process [1-9]')


def check_wait():
    tenure = vfslock('acquire', 'data')
    with start() as program:
        assert 'waiting for' in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        assert program.wait(PATIENCE) == 130
    with start() as program:
        assert 'waiting for' in program.stdout.readline()
        vfslock('release', 'data', tenure)
        assert 'mine' in program.stdout.read()
        assert program.wait(PATIENCE) == 0


def check_with_lock():
    run(0, 'counted to 1\nfailed with 42: ')


def until_stale():
    end = time.monotonic() + PATIENCE
    look = [VFSLOCK, 'status', '--json', 'data']
    while json.loads(subprocess.run(look, stdout=subprocess.PIPE, check=False).stdout)['state'] != 'stale':
        assert time.monotonic() < end
        time.sleep(0.01)


def check_stale_veto():
    vfslock('run', '--owner', 'other', 'data', '--', 'sh', '-c', 'kill -9 $PPID', code=-9)
    until_stale()
    run(75, 'stale: its holder is dead', 'refused to replace')
    vfslock('run', '--owner', 'batch', 'data', '--', 'sh', '-c', 'kill -9 $PPID', code=-9)
    until_stale()
    run(0, 'taken over')


def check_lost():
    with start() as program:
        assert program.stdout.readline() == 'working\n'
        with open('data.lock', encoding='utf-8') as file:
            tenure = json.load(file)['lockId']
        vfslock('break', 'data', tenure)
        said = program.stdout.read()
        assert program.wait(PATIENCE) == 76, said
    assert re.search('told on another thread: replaced .*\nstopped\n', said), said


def check_list_and_break():
    vfslock('acquire', '--create-parents', '--ttl', 'never', 'in/a')
    vfslock('acquire', 'in/b')
    run(0, 'in/a: held', 'in/a: broken', 'in/b: ', uri='in')
    vfslock('status', 'in/a')
    vfslock('status', 'in/b', code=75)


def check_dlopen_only():
    run(0, r'mine, by vfslock \d')
    vfslock('acquire', 'data')
    run(75, 'held')


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ['VFSLOCK_STATE_DIR'] = os.path.join(folder, 'state')
        globals()['check_' + NAME]()
