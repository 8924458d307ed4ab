"""The public header compiles alone, as the oldest C that it promises (C89 with stdint.h) and as C++."""
import os
import subprocess
import sys

import tree

DIALECTS = [('CC', 'cc', 'c', standard) for standard in ('c89', 'c99', 'c17')] \
    + [('CXX', 'c++', 'c++', standard) for standard in ('c++11', 'c++20')]


def compiles(root, header):
    for variable, fallback, language, standard in DIALECTS:
        command = [*os.environ.get(variable, fallback).split(), f'-std={standard}', '-pedantic-errors', '-Wall', '-Wextra',
                   '-Werror', '-fsyntax-only', '-I', os.path.join(root, 'include'), '-x', language, '-']
        # Twice: the header guards itself.
        done = subprocess.run(command, input=f'#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n',
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            yield f'{header} as {standard}:\n{done.stdout}'


if __name__ == '__main__':
    root = sys.argv[1]
    headers = [path for path in tree.files(root, 'include', endings='.h')]
    findings = [finding for path in headers for finding in compiles(root, os.path.relpath(path, 'include'))]
    tree.report(findings if headers else ['there is no public header'])
