"""The protocol core keeps nothing between two calls but what its caller owns: no global, no static that changes.
(Two runs from one seed would differ otherwise.)"""
import glob
import os
import re
import subprocess
import sys

import tree

CHANGING = re.compile(r'^\S+ .{7} \.(?:data|bss|tdata|tbss)(?!\.rel\.ro)[\w.$]*\s+(\S+)\s+(\S.*)$', re.M)


def changing_objects(table):
    """What a symbol table (objdump --syms) places in memory that the program may change."""
    return [name for size, name in CHANGING.findall(table)
            if int(size, 16) > 0 and 'DW.ref.' not in name]  # the compiler's own, for exceptions


def self_test():
    row = '0000000000000000 l     O {}\t0000000000000008 {}'
    assert changing_objects(row.format('.bss', 'count')) == ['count']
    assert changing_objects(row.format('.data.rel.local', 'table')) == ['table']
    assert not changing_objects(row.format('.data.rel.ro.local', 'names') + '\n' + row.format('.rodata', 'limit'))


if __name__ == '__main__':
    self_test()
    objects = glob.glob(os.path.join(sys.argv[2], 'src', 'libvfslock.a.p', 'lock_*.o'))
    if not objects:
        sys.exit('no objects of src/lock/ found')
    tree.report([f'{os.path.basename(path)}: {symbol}' for path in sorted(objects)
                 for symbol in changing_objects(subprocess.run(['objdump', '--syms', '--demangle', path], check=True,
                                                               stdout=subprocess.PIPE, text=True).stdout)])
