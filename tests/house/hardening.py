"""What the linker was told stands in the library: SONAME, RELRO, BIND_NOW, no text relocations, pinned."""
import re
import subprocess
import sys

import tree

ALLOWED_LIBRARIES = {'libcjson.so.1', 'libnettle.so.8', 'libstdc++.so.6', 'libgcc_s.so.1', 'libm.so.6', 'libc.so.6',
                     'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}
OF_STORAGES = {'s3': {'libexpat.so.1'}}  # only where they were built in; libcurl is loaded when it is first needed


def readelf(library, *what):
    return subprocess.run(['readelf', '-W', *what, library], check=True, stdout=subprocess.PIPE, text=True).stdout


def check(dynamic, segments, symbols, fortified, storages=()):
    findings = [f'not there: {what}' for what, pattern, text in [
        ('SONAME libvfslock.so.0', r'\(SONAME\).*\[libvfslock\.so\.0\]', dynamic),
        ('-z now', r'\(FLAGS(_1)?\).*NOW|\(BIND_NOW\)', dynamic),
        ('-z nodelete', r'\(FLAGS_1\).*NODELETE', dynamic),
        ('-z relro', r'GNU_RELRO', segments),
        ('a stack that is not executable', r'GNU_STACK.*\sRW\s', segments),
        ('stack protector', r'\b__stack_chk_fail\b', symbols),
    ] if not re.search(pattern, text)]
    findings += [f'is there: {what}' for what, pattern in [('text relocations', 'TEXTREL'), ('a run path', r'\(RU?N?PATH\)')]
                 if re.search(pattern, dynamic)]
    findings += [f'needs {name}' for name in re.findall(r'\(NEEDED\).*\[(.+)\]', dynamic)
                 if name not in ALLOWED_LIBRARIES.union(*[OF_STORAGES[storage] for storage in storages])]
    if fortified and not re.search(r'\b__\w+_chk@', symbols.replace('__stack_chk_fail', '')):
        findings.append('not there: FORTIFY (no checked function of the C library is called)')
    return findings


if __name__ == '__main__':
    assert len(check('(TEXTREL) (NEEDED) [libexpat.so.1]', '', '', True)) == 9
    assert len(check('(TEXTREL) (NEEDED) [libexpat.so.1]', '', '', True, ['s3'])) == 8
    library, fortified = sys.argv[2], sys.argv[3] == 'fortified'
    tree.report(check(readelf(library, '-d'), readelf(library, '-l'), readelf(library, '--dyn-syms'), fortified, sys.argv[4:]))
