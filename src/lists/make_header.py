"""Writes the generated parts of vfslock.h, its statuses and its table, from the lists; with --check only compares.

    python3 src/lists/make_header.py [--check] SOURCE_ROOT
"""
import difflib
import os
import re
import sys
import textwrap


def read(root, *path):
    with open(os.path.join(root, *path), encoding='utf-8') as file:
        return file.read()


def statuses(text):
    """status.def as the header's constants; its comments tell the groups."""
    lines = []
    for comment, name, code, message in re.findall(
            r'^/\* (-\dxx: .*?) \*/$|^STATUS\((\w+),\s*(-?\d+),\s*"(.*?)",', text, flags=re.M):
        if comment:
            lines += ['', f'/* {comment} */']
        else:
            value = code if code == '0' else f'({code})'
            lines.append(f'#define VFSLOCK_{name} {value} /* {message} */')
    return '\n'.join(lines)


def functions(text):
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    return re.findall(r'^FUNCTION\(([^,()]+),\s*(\w+),\s*\((.*)\)\)$', text, flags=re.M)


def table(text):
    """functions.def as the members of struct vfslock_api."""
    lines = ['struct vfslock_api {', '  int64_t size_bytes; /* of this table in the library */']
    for returned, name, parameters in functions(text):
        space = '' if returned.endswith('*') else ' '
        # Lines break between parameters only: their inner spaces are not seen while wrapping.
        member = f'{returned}{space}(VFSLOCK_CALL *{name})({parameters});'.replace(' ', '~').replace(',~', ', ')
        lines += [line.replace('~', ' ') for line in
                  textwrap.wrap(member, 118, initial_indent='  ', subsequent_indent='      ')]
    return '\n'.join([*lines, '};'])


def fill(header, name, content):
    filled, count = re.subn(rf'(/\* <generated: {name}> \*/\n).*?(/\* </generated: {name}> \*/)',
                            lambda marks: f'{marks[1]}{content}\n{marks[2]}', header, flags=re.S)
    if count != 1:
        sys.exit(f'vfslock.h: there must be one section "{name}"')
    return filled


def version_mistakes(header, build):
    """The header's version, written once more as a number, is the project's."""
    major, minor, patch = re.search(r"^\s*version: '(\d+)\.(\d+)\.(\d+)'", build, flags=re.M).groups()
    number = int(major) * 1000000 + int(minor) * 1000 + int(patch)
    wanted = [('MAJOR', major), ('MINOR', minor), ('PATCH', patch), ('NUMBER', str(number)),
              ('STRING', f'"{major}.{minor}.{patch}"')]
    return [f'vfslock.h: VFSLOCK_VERSION_{name} must be {value}' for name, value in wanted
            if f'#define VFSLOCK_VERSION_{name} {value}\n' not in header]


def main(arguments):
    check = '--check' in arguments
    root = arguments[-1]
    path = os.path.join(root, 'include', 'vfslock', 'vfslock.h')
    old = read(path)
    new = fill(old, 'statuses', statuses(read(root, 'src', 'lists', 'status.def')))
    new = fill(new, 'table', table(read(root, 'src', 'lists', 'functions.def')))
    if not check:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(new)
        return
    mistakes = version_mistakes(old, read(root, 'meson.build'))
    mistakes += difflib.unified_diff(old.splitlines(), new.splitlines(), 'vfslock.h', 'from the lists', lineterm='')
    if mistakes:
        sys.exit('\n'.join([*mistakes, 'run src/lists/make_header.py on the source folder']))


if __name__ == '__main__':
    main(sys.argv[1:])
