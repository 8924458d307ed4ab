"""Writes docs/interface/: one page for each noun of vfslock.h, out of the header's own comments, and one page each for
keys and statuses, out of their lists; with --check only compares.

    python3 src/lists/make_pages.py [--check] SOURCE_ROOT

A section of the header stands on the page that the last word of its title names, if a function of the section begins
with that word ("Inspect and report": vfslock_report_uri); every other section stands on the library's page.
"""
import difflib
import os
import re
import sys
import textwrap

import make_header

FOLDER = os.path.join('docs', 'interface')
LIBRARY = 'library'
OPERATOR = re.compile(r' ([-+*]) ')  # would begin a list where a line begins with it
CODE = re.compile(r'`[^`]*`|"[^"\s]*"|\*?\b[a-z]+_\w*\*?(?:\(\))?|\bVFSLOCK_\w+\*?(?:\(\w+, \w+\))?|(?<!\w)_[A-Z]+\b')


class Section:
    def __init__(self, text):
        comment, self.code = text.split('*/', 1)
        self.title, _, self.intro = bare(comment).partition('\n')
        self.items = re.findall(r'/\*\*(.*?)\*/\n(.*?)(?=/\*\*|\Z)', self.code, flags=re.S)
        names = [name for _, code in self.items for name in function_names(code)]
        last = self.title.split()[-1].lower()
        self.page = next((name.split('_')[0] for name in names if last.startswith(name.split('_')[0])), LIBRARY)
        self.names_its_page = last.startswith(self.page)


def bare(comment):
    """A comment's text without its stars."""
    return re.sub(r'^ ?\*? ?', '', comment, flags=re.M).strip('\n')


def function_names(code):
    return re.findall(r'^VFSLOCK_API\b[^;(]*?\bvfslock_(\w+)\(', code, flags=re.M)


def item_name(code):
    """The function, type or macro with parameters that a comment is about; None for constants."""
    named = re.search(r'^VFSLOCK_API\b[^;(]*?\b(vfslock_\w+)\('
                      r'|^typedef [^;]*?\b(vfslock_\w+)(?:;|\)\()|^#define (\w+)\(', code, flags=re.M)
    return named and (named[1] or named[2] or named[3])


class Writer:
    """Turns the comments' plain text into the Markdown of one page."""

    def __init__(self, page, page_of):
        self.page, self.page_of = page, page_of

    def marked(self, text):
        return CODE.sub(self.mark, text)

    def mark(self, found):
        code = found[0] if found[0].startswith('`') else f'`{found[0]}`'
        name = found[0].strip('`').removesuffix('()')
        page = self.page_of.get(name.removeprefix('vfslock_')) if name.startswith('vfslock_') else None
        if page is None: return code
        return f'[{code}]({"" if page == self.page else page + ".md"}#{name})'

    def paragraph(self, text, indent=''):
        text = self.marked(' '.join(text.split()))
        text = re.sub(r'(?:^|(?<=\. ))([A-Z][a-z]+): ', r'**\1:** ', text)
        text = re.sub(r'(?<=[.)] )Since (\d+\.\d+)\.$', r'**Since** \1.', text)
        wrapped = textwrap.fill(OPERATOR.sub('\0\\1\0', text), 120, break_long_words=False, break_on_hyphens=False,
                                initial_indent=indent, subsequent_indent=' ' * len(indent))
        return wrapped.replace('\0', ' ')

    def text(self, plain):
        """Paragraphs; lines like "  0  take it" and " 1. What" are lists, four spaces code, "Label:" begins anew."""
        return '\n\n'.join(block for part in plain.split('\n\n') for block in self.blocks(part) if block)

    def blocks(self, part):
        if part.startswith('    '):
            yield f'```c\n{textwrap.dedent(part)}\n```'
            return
        if re.fullmatch(r'\w+', part):
            yield f'### {part}'
            return
        groups = []
        for line in part.split('\n'):
            meaning = re.match(r' {2}(\S.*?) {2,}(\S.*)', line)
            number = re.match(r' {0,2}(\d+\.) (.*)', line)
            if meaning: groups.append(['- ', f'{meaning[1]}: {meaning[2]}'])
            elif number: groups.append([f'{number[1]} ', number[2]])
            elif not groups or re.match(r'[A-Z]\w+: ', line) or (groups[-1][0] and not line.startswith('  ')):
                groups.append(['', line])
            else: groups[-1][1] += ' ' + line
        listed = []
        for indent, text in groups:
            if indent:
                listed.append(self.paragraph(text, indent))
                continue
            yield '\n'.join(listed)
            listed = []
            yield self.paragraph(text)
        yield '\n'.join(listed)

    def tags(self, plain):
        """@param and @return: each a list, with what belongs to them indented."""
        parameters, returned = [], []
        for tag in plain.split('\n@')[1:]:
            kind, text = re.match(r'(\w+) +(.*)', tag, flags=re.S).groups()
            if kind == 'param':
                name, meaning = text.split(None, 1)
                parameters.append(self.paragraph(f'`{name}`: {meaning}', '- '))
                continue
            # A line that begins with a status is an answer of its own, unless the line before it goes on.
            answers = re.split(r'(?<![;,])\n +(?=VFSLOCK_)', text.strip())
            returned = ([self.paragraph(f'Returns: {answers[0]}')] if len(answers) == 1 else
                        ['**Returns:**\n\n' + '\n'.join(self.paragraph(answer, '- ') for answer in answers)])
        # Named, so that the list does not go on with one that stands before it.
        return '\n\n'.join((['**Parameters:**', '\n'.join(parameters)] if parameters else []) + returned)

    def item(self, comment, code, heading):
        name = item_name(code)
        prose, at, tags = bare(comment).strip().partition('\n@')
        tags, _, rest = (at + tags).partition('\n\n')
        shown = f'```c\n{without_lists(re.sub("VFSLOCK_(API|CALL) ", "", code)).strip()}\n```'
        parts = [f'{heading} {name}' if name else '', shown if name else '', self.text(prose), self.tags(tags),
                 self.text(rest), '' if name else shown]
        return '\n\n'.join(part for part in parts if part)


def without_lists(code):
    """The header's generated parts have pages of their own, or are these pages."""
    code = re.sub(r'/\* <generated: statuses> \*/.*/\* </generated: statuses> \*/', '', code, flags=re.S)
    return re.sub(r'/\* <generated: table> \*/\n(.*?\n.*?\n).*/\* </generated: table> \*/',
                  r'\1  /* then every function, by its name without the prefix */\n};', code, flags=re.S)


def sections(header):
    """The header's sections, and what stands before them."""
    header = header[:header.index('#ifdef __cplusplus', header.index('vfslock_get_api'))]
    first, *others = re.split(r'^/\* -{9,}\n \* ', header, flags=re.M)
    return re.match(r'/\*\n(.*?)\n \*/', first, flags=re.S)[1], [Section(text) for text in others]


def cells(*texts):
    return '| ' + ' | '.join(text.replace('|', r'\|') for text in texts) + ' |'


def table(*titles):
    return f'{cells(*titles)}\n|{"---|" * len(titles)}'


def keys_page(text, writer):
    out = ['# Keys', writer.paragraph('What vfslock_client_set() and vfslock_options_set() take by name; '
                                      'vfslock_key_next() lists it to programs.'),
           table('key', 'of', 'environment', 'type', 'default', 'values', 'says')]
    keys = re.findall(r'^KEY\("(.*?)",\s*(\w+)' + r',\s*"(.*?)"' * 5 + r'\)$', text, flags=re.M)
    if len(keys) != text.count('\nKEY('): sys.exit('options.def: not every KEY is understood')
    for name, scope, variable, kind, default, values, says in keys:
        out[-1] += '\n' + cells(f'`{name}`', scope, f'`{variable}`' if variable else 'none', kind,
                                 default or 'none', values, says)
    return out


def statuses_page(text, writer):
    out = ['# Statuses', writer.paragraph('What functions return; vfslock_status_group() gives the group of a code. '
                                          'Again: whether the same call may succeed when it is simply repeated.')]
    for comment, name, code, message, retryable in re.findall(
            r'^/\* (-\dxx: .*?) \*/$|^STATUS\((\w+),\s*(-?\d+),\s*"(.*?)",\s*(\d)\)', text, flags=re.M):
        if comment or len(out) == 2:
            out += ([f'## {comment}'] if comment else []) + [table('constant', 'code', 'message', 'again')]
        if name: out[-1] += '\n' + cells(f'`VFSLOCK_{name}`', code, message, 'yes' if retryable == '1' else 'no')
    if '\n'.join(out).count('| `VFSLOCK_') != text.count('\nSTATUS('):
        sys.exit('status.def: not every STATUS is understood')
    return out


def pages(root):
    """File name → text."""
    intro, parts = sections(make_header.read(root, 'include', 'vfslock', 'vfslock.h'))
    nouns = {part.page for part in parts}
    page_of = {name: part.page for part in parts for _, code in part.items for name in function_names(code)}
    types = {}  # what a noun is stands on its page
    for part in parts:
        for comment, code in part.items:
            noun = (item_name(code) or '').removeprefix('vfslock_')
            if not function_names(code) and noun in nouns: types[noun] = (comment, code)
    out = {'keys': keys_page(make_header.read(root, 'src', 'lists', 'options.def'), Writer('keys', page_of)),
           'statuses': statuses_page(make_header.read(root, 'src', 'lists', 'status.def'), Writer('statuses', page_of))}
    about = {'keys': 'what is set by name', 'statuses': 'what functions return'}
    for noun in sorted(nouns):
        writer = Writer(noun, page_of)
        mine = sorted((part for part in parts if part.page == noun), key=lambda part: not part.names_its_page)
        out[noun] = []
        for part in mine:
            inner = part.names_its_page
            out[noun] += [('# ' if inner else '## ') + part.title, writer.text(part.intro.strip('\n'))]
            if inner and noun in types: out[noun].insert(1, writer.text(bare(types[noun][0]).strip()))
            out[noun] += [writer.item(comment, code, '##' if inner else '###') for comment, code in part.items
                          if (comment, code) not in types.values()]
        if noun in types: about[noun] = bare(types[noun][0]).strip().split('.')[0]
        else: about[noun] = ', '.join(part.title.lower() for part in mine)
    writer = Writer('README', page_of)
    index = [table('page', 'about')]
    index += [cells(f'[{noun}]({noun}.md)', writer.marked(' '.join(about[noun].split()))) for noun in sorted(out)]
    title, intro = bare(intro).split('\n\n', 1)
    out['README'] = ['# The C interface', 'Written by `src/lists/make_pages.py` from the comments of `vfslock.h` and '
                     'from the lists.', '\n'.join(index), f'## {title.rstrip(".")}', writer.text(intro)]
    return {f'{name}.md': '\n\n'.join(block for block in blocks if block) + '\n' for name, blocks in out.items()}


def main(arguments):
    check, root = '--check' in arguments, arguments[-1]
    folder, wanted = os.path.join(root, FOLDER), pages(root)
    os.makedirs(folder, exist_ok=True)
    there = os.listdir(folder)
    mistakes = []
    for name in sorted({*wanted, *there}):
        old = make_header.read(folder, name) if name in there else ''
        mistakes += difflib.unified_diff(old.splitlines(), wanted.get(name, '').splitlines(),
                                         os.path.join(FOLDER, name), 'from the header', lineterm='')
        if check: continue
        if name not in wanted: os.remove(os.path.join(folder, name))
        else:
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                file.write(wanted[name])
    if check and mistakes: sys.exit('\n'.join([*mistakes, 'run src/lists/make_pages.py on the source folder']))


if __name__ == '__main__':
    main(sys.argv[1:])
