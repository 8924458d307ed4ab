"""What the structural tests share: the files of the source tree, and how findings are reported."""
import os
import re
import sys


def files(root, *folders, endings=('',)):
    """Paths relative to root, sorted. Build folders and what git keeps are no part of the tree."""
    found = []
    for folder in folders or ('.',):
        for at, below, names in os.walk(os.path.join(root, folder)):
            below[:] = [name for name in below
                        if name not in ('.git', '__pycache__') and not name.startswith('build')]
            found += [os.path.relpath(os.path.join(at, name), root) for name in names
                      if name.endswith(tuple(endings)) and name != '.git']
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def code(text):
    """C or C++ without its comments; line numbers stay."""
    return re.sub(r'/\*.*?\*/|//[^\n]*', lambda comment: '\n' * comment[0].count('\n'), text, flags=re.S)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def report(findings):
    """Ends the test: red with the findings, green without."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
