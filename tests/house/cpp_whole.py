"""vfslock.hpp covers the C interface: it calls every function of functions.def, but for those named here."""
import importlib
import os
import re
import sys

import tree

# function → why C++ has no use for it
LEFT_OUT = {
    'options_dup': 'vfslock::options is a value, and copied like one',
    'get_api': 'is for programs that load the library themselves; the header links with it',
}


def used(text):
    return set(re.findall(r'\bvfslock_(\w+)', tree.code(text)))


def check(calls, wanted, left_out):
    return ([f'vfslock.hpp: does not use vfslock_{name}' for name in wanted if name not in calls | set(left_out)]
            + [f'vfslock.hpp: uses vfslock_{name}, which is listed as left out' for name in left_out if name in calls]
            + [f'left out: vfslock_{name} is not in functions.def' for name in left_out if name not in wanted])


def self_test():
    assert used('// vfslock_a()\nvfslock_b(x); /* vfslock_c */ take(vfslock_d);') == {'b', 'd'}
    assert check({'a'}, ['a', 'b'], {}) == ['vfslock.hpp: does not use vfslock_b']
    assert check({'a'}, ['a'], {'a': ''}) and check({'a'}, ['a'], {'b': ''})
    assert not check({'a'}, ['a', 'b'], {'b': ''})


if __name__ == '__main__':
    self_test()
    root = sys.argv[1]
    sys.path.insert(0, os.path.join(root, 'src', 'lists'))
    names = importlib.import_module('make_map').function_names(tree.read(root, 'src/lists/functions.def'))
    tree.report(check(used(tree.read(root, 'include/vfslock/vfslock.hpp')), names, LEFT_OUT) if names
                else ['functions.def: no functions'])
