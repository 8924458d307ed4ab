"""Runs a long command with its output in a log, and shows one line of how far it is."""
import re
import subprocess
import sys
import time

STEP = re.compile(r'^\s*\[?\s*(\d+)/(\d+)')  # "[3/40] Compiling ..." of ninja, " 3/40 name OK" of meson test


def run_logged(title, command, env=None, show_failure=True):
    """Returns the exit code. On a terminal the line is live; elsewhere it appears every ten seconds."""
    live = sys.stdout.isatty()
    started = shown = time.monotonic()
    output, step = [], ''
    if live:
        print(f'\r\033[K{title} ...', end='', flush=True)
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, encoding='utf-8', errors='replace') as process:
        for line in process.stdout:
            output.append(line)
            found = STEP.match(line)
            if found:
                step = f' {found[1]}/{found[2]}'
            now = time.monotonic()
            if live:
                print(f'\r\033[K{title}{step}', end='', flush=True)
            elif now - shown >= 10:
                print(f'{title}{step} ...', flush=True)
                shown = now
    failed = process.returncode != 0
    print(f'{chr(13) + chr(27) + "[K" if live else ""}{title}{step}: {"FAILED" if failed else "done"}'
          f' in {time.monotonic() - started:.0f} s', flush=True)
    if failed and show_failure:
        print(''.join(output[-200:]), flush=True)
    return process.returncode


if __name__ == '__main__':
    sys.exit(run_logged(sys.argv[1], sys.argv[2:]))
