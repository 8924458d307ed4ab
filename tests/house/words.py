"""No file of the tree names a folder of one machine, or promises work instead of doing it."""
import re
import sys

import tree

# Put together here, so that this file passes its own test.
MACHINE_FOLDERS = ['wo' + 'rk', 'ro' + 'ot', 'fa' + 'rm', 'ho' + 'me', 'Us' + 'ers']
PROMISES = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK', 'not ' + 'implemented', 'st' + 'ub']

BANNED = re.compile(r'(?:^|[^\w./~<{$-])/(?:' + '|'.join(MACHINE_FOLDERS) + r')/'
                    r'|\b(?:' + '|'.join(PROMISES) + r')\b')


def check(path, text):
    return [f'{path}:{tree.line_of(text, word.start())}: {word[0].strip()}' for word in BANNED.finditer(text)]


if __name__ == '__main__':
    for planted in [f'"/{MACHINE_FOLDERS[0]}/x"', f'see /{MACHINE_FOLDERS[3]}/me', f'// {PROMISES[0]}: mend']:
        assert check('planted', planted), planted
    assert not check('good', 'sftp://u@h/a/b, frame' + 'work/x, src/net/' + MACHINE_FOLDERS[3] + '/')
    root, findings = sys.argv[1], []
    for path in tree.files(root):
        try:
            findings += check(path, tree.read(root, path))
        except UnicodeDecodeError:
            pass  # a fixture of raw bytes
    tree.report(findings)
