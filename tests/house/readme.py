"""README's examples are cut out of README.md and run; its links lead somewhere."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

import tree


def blocks(text, language):
    return re.findall(rf'^```{language}\n(.*?)^```$', text, flags=re.S | re.M)


def run(command, folder, env):
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=120)
    if done.returncode != 0:
        sys.exit(f'{" ".join(command)}\nended with {done.returncode}:\n{done.stdout}')
    return done.stdout


def expect(said, *lines):
    for line in lines:
        if line not in said.splitlines():
            sys.exit(f'the line "{line}" is missing in:\n{said}')


def main():
    root, build, command = sys.argv[1:]
    text = tree.read(root, 'README.md')
    dead = [target for target in re.findall(r'\]\((?!https?:)([^)#]+)', text)
            if not os.path.exists(os.path.join(root, target))]
    if dead:
        sys.exit(f'README.md: links to nothing: {dead}')
    (shell,), (program,), (modern,) = blocks(text, 'sh'), blocks(text, 'c'), blocks(text, 'cpp')
    env = {**os.environ, 'PATH': os.path.dirname(command) + os.pathsep + os.environ['PATH'],
           'PKG_CONFIG_PATH': os.path.join(build, 'meson-uninstalled'), 'LD_LIBRARY_PATH': os.path.join(build, 'src')}
    with tempfile.TemporaryDirectory() as folder:
        said = run(['sh', '-euc', shell], folder, env)
        expect(said, 'refused: exit code 75', 'free again')
        if 'never printed' in said.splitlines() or 'ingest-1' not in said:
            sys.exit(f'the second run was not refused by name:\n{said}')
        with open(os.path.join(folder, 'data.csv'), encoding='utf-8') as file:
            expect(file.read(), 'id,amount', '7,100')

        with open(os.path.join(folder, 'program.c'), 'w', encoding='utf-8') as file:
            file.write(program)
        flags = shlex.split(run(['pkg-config', '--cflags', '--libs', 'vfslock'], folder, env))
        compiler = shlex.split(os.environ.get('CC', 'cc'))
        run([*compiler, '-std=c99', '-Wall', '-Wextra', '-Werror', 'program.c', *flags, '-o', 'program'], folder, env)
        expect(run(['./program'], folder, env), 'held')
        # Beside a holder the same program says who that is.
        expect_refusal = 'vfslock run --owner somebody data.csv -- ./program'
        said = run(['sh', '-euc', expect_refusal], folder, env)
        if 'somebody' not in said or 'held' in said.splitlines():
            sys.exit(f'the program did not name the holder:\n{said}')
        with open(os.path.join(folder, 'program.cpp'), 'w', encoding='utf-8') as file:
            file.write(modern)
        compiler = shlex.split(os.environ.get('CXX', 'c++'))
        run([*compiler, '-std=c++20', '-Wall', '-Wextra', '-Werror', 'program.cpp', *flags, '-o', 'modern'], folder, env)
        expect(run(['./modern'], folder, env), 'held')
        said = run(['sh', '-euc', 'vfslock run --owner somebody data.csv -- ./modern || echo refused'], folder, env)
        expect(said, 'refused')
        left = set(os.listdir(folder)) - {'data.csv', 'program.c', 'program', 'program.cpp', 'modern'}
        if left:
            sys.exit(f'left behind: {left}')


if __name__ == '__main__':
    main()
