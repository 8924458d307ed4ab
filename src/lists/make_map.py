"""Writes the linker's symbol map from functions.def: one version node for each release, explicit names only."""
import re
import sys

NODE = 'VFSLOCK_0.1'


def function_names(text):
    """The names of all FUNCTION(return type, name, (parameters)) lines, without their prefix."""
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    return re.findall(r'^\s*FUNCTION\s*\(\s*[^,()]+,\s*(\w+)\s*,', text, flags=re.M)


def symbol_map(names):
    exports = ''.join(f'    vfslock_{name};\n' for name in names)
    return f'{NODE} {{\n  global:\n{exports}  local:\n    *;\n}};\n'


if __name__ == '__main__':
    with open(sys.argv[1], encoding='utf-8') as source:
        names = function_names(source.read())
    if not names or len(names) != len(set(names)):
        sys.exit(f'{sys.argv[1]}: no FUNCTION lines, or one name twice')
    with open(sys.argv[2], 'w', encoding='utf-8') as out:
        out.write(symbol_map(names))
