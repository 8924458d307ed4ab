"""The project stays readable: the protocol in one sitting, the build's root on three pages, no giant files."""
import sys

import tree


CORE = 1700  # acquire, renew, release, resume and break, with their record and their judgement


def lines(root, path):
    return sum(1 for line in tree.read(root, path).splitlines() if line.strip())


def check(sizes):
    """sizes: path → lines."""
    findings = [f'{path}: {count} lines, at most {limit}' for path, count in sizes.items() for limit in [limit_of(path)]
                if count > limit]
    core = sum(count for path, count in sizes.items() if path.startswith('src/lock/'))
    if core > CORE:
        findings.append(f'src/lock/: {core} lines, at most {CORE}')
    return findings


def limit_of(path):
    if path == 'meson.build':
        return 150
    if path.startswith('include/'):
        return 1400  # the public header is the manual of the interface, in one file by design
    return 300 if path.startswith('src/lock/') else 600


if __name__ == '__main__':
    assert check({'meson.build': 151}) and check({'src/lock/a.cpp': 301}) and check({'src/base/a.cpp': 601})
    assert check({f'src/lock/{n}.cpp': 299 for n in range(6)})
    assert not check({'meson.build': 150, 'src/lock/a.cpp': 300, 'src/base/a.cpp': 600, 'src/lock/b.hpp': 300})
    root = sys.argv[1]
    text = ('.cpp', '.hpp', '.c', '.h', '.def', '.py', '.sh', 'meson.build')
    tree.report(check({path: lines(root, path) for path in tree.files(root, endings=text)}))
