"""One list of functions: exports of the shared library = symbol map = functions.def = header = table = pages."""
import importlib
import os
import re
import subprocess
import sys

import tree

NODE = 'VFSLOCK_0.1'


def exported(library):
    """name → version node, of all that the library defines for others."""
    shown = subprocess.run(['nm', '--dynamic', '--defined-only', '--extern-only', library], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    symbols = [line.split()[-1] for line in shown.splitlines()]
    found = dict(re.split(r'@+', symbol) if '@' in symbol else (symbol, '') for symbol in symbols)
    found.pop(NODE, None)  # the node itself
    return found


def in_map(text):
    return re.findall(r'^\s*vfslock_(\w+);', text, flags=re.M)


def in_header(text):
    return re.findall(r'\bVFSLOCK_API\b[^;{(]*?\bvfslock_(\w+)\s*\(', tree.code(text))


def in_table(text):
    table = re.search(r'struct\s+vfslock_api\s*\{(.*?)\n\}', tree.code(text), flags=re.S)
    return re.findall(r'\(\s*(?:VFSLOCK_CALL\s*)?\*\s*(\w+)\s*\)\s*\(', table[1]) if table else []


def on_pages(text):
    return re.findall(r'^#+ vfslock_(\w+)\n\n```c\n[^;`]*?\bvfslock_\1\(', text, flags=re.M)


def differences(name, found, wanted):
    return ([f'{name}: lacks vfslock_{function}' for function in wanted if function not in found]
            + [f'{name}: has vfslock_{function}, which functions.def lacks' for function in found
               if function not in wanted]
            + [f'{name}: has vfslock_{function} more than once' for function in sorted(set(found))
               if found.count(function) > 1])


def self_test():
    prototypes = '/* VFSLOCK_API int vfslock_no(void); */\nVFSLOCK_API const char *VFSLOCK_CALL\nvfslock_a(int32_t x);\n'
    assert in_header(prototypes) == ['a']
    table = 'struct vfslock_api {\n  int64_t size_bytes;\n  void(VFSLOCK_CALL *b)(int32_t x);\n  int (*a)(void);\n};'
    assert in_table(table) == ['b', 'a']
    page = '## vfslock_a\n\n```c\nint vfslock_a(\n    int x);\n```\n\n## vfslock_t\n\n```c\ntypedef int vfslock_t;\n'
    assert on_pages(page + page) == ['a', 'a']
    assert differences('x', ['a', 'a'], ['a']) == ['x: has vfslock_a more than once']
    assert differences('x', ['a'], ['b']) == ['x: lacks vfslock_b', 'x: has vfslock_a, which functions.def lacks']


if __name__ == '__main__':
    self_test()
    root, library, symbol_map = sys.argv[1:]
    sys.path.insert(0, os.path.join(root, 'src', 'lists'))
    wanted = importlib.import_module('make_map').function_names(tree.read(root, 'src/lists/functions.def'))
    header = tree.read(root, 'include/vfslock/vfslock.h')
    symbols = exported(library)
    findings = [f'{os.path.basename(library)}: exports {symbol}@{node}' for symbol, node in symbols.items()
                if not symbol.startswith('vfslock_') or node != NODE]
    with open(symbol_map, encoding='utf-8') as file:
        findings += differences('symbol map', in_map(file.read()), wanted)
    findings += differences('exports', [symbol[len('vfslock_'):] for symbol in symbols], wanted)
    findings += differences('header', in_header(header), wanted)
    findings += differences('table', in_table(header), wanted)
    pages = [tree.read(root, path) for path in tree.files(root, 'docs/interface', endings='.md')]
    findings += differences('pages', on_pages('\n'.join(pages)), wanted)
    # Programs find a member by its place: the table's order is the list's, and new functions go to its end.
    if not findings and in_table(header) != wanted:
        findings.append('table: not in the order of functions.def')
    if not wanted:
        findings.append('functions.def: no functions')
    tree.report(findings)
