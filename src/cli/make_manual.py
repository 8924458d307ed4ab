"""Writes the man pages' sources (scdoc) and the shells' completions from what the command's --help says.

    python3 make_manual.py COMMAND FOLDER

So no option is described twice. FOLDER gets vfslock.1.scd, vfslock-SUBCOMMAND.1.scd, and vfslock.bash, vfslock.zsh and
vfslock.fish.
"""
import os
import re
import subprocess
import sys


class Option:
    def __init__(self, names, value, text):
        self.names, self.value, self.text = names, value, text

    @property
    def choices(self):
        return self.value.split('|') if '|' in self.value else []


class Page:
    """One --help page: what it is for, its usage, its options and positionals, and the rest as it stands."""

    def __init__(self, command, name):
        done = subprocess.run([command, *([name] if name else []), '--help'], check=True, stdout=subprocess.PIPE)
        text = done.stdout.decode()
        self.name = name
        self.what, usage, rest = re.match(r'(.*?)\n\n?(Usage: .*?)\n(.*)', text, re.S).groups()
        self.what = self.what.strip()
        self.usage = usage.replace('Usage: ', '')
        self.options, self.positionals, self.subcommands = [], [], []
        sections = {'Options:': self.options, 'Positionals:': self.positionals, 'Subcommands:': self.subcommands}
        entries, lines = None, rest.split('\n')
        while lines:
            line = lines.pop(0)
            if line in sections:
                entries = sections[line]
            elif entries is not None and line.startswith('  '):
                entries.append(self.entry(line, lines))
            elif line and entries is not None:
                lines.insert(0, line)
                break
        self.more = '\n'.join(lines).strip('\n')

    @staticmethod
    def entry(line, lines):
        head, text = line[2:29].strip(), [line[29:].strip()]
        if len(line) > 28 and line[28] != ' ' and ' ' in line[2:]:  # the head is too long: its text follows
            head, text = line.strip(), []
        while lines and lines[0].startswith(' ' * 29):
            text.append(lines.pop(0).strip())
        names, _, value = head.partition(' ')
        return Option(names.split(','), value, ' '.join(text).strip())


def escaped(text):
    return re.sub(r'(?m)([\\_*#~<>\[\]]|^[-.])', r'\\\1', text)


def scd(page, pages):
    title = 'vfslock' + (f'-{page.name}' if page.name else '')
    what = page.what[0].lower() + page.what[1:].rstrip('.')
    out = [f'{title}(1)', '', '# NAME', '', f'{title} - {escaped(what)}', '', '# SYNOPSIS', '', escaped(page.usage), '']
    if page.subcommands:
        out += ['# SUBCOMMANDS', '']
        for sub in page.subcommands:
            out += [f'*vfslock-{sub.names[0]}*(1)', '\t' + escaped(sub.text), '']
    if page.positionals or page.options:
        out += ['# OPTIONS', '']
    for one in page.positionals:
        out += [f'_{escaped(one.names[0])}_', '\t' + escaped(one.text), '']
    for one in page.options:
        names = ', '.join(f'*{escaped(name)}*' for name in one.names)
        out += [names + (f' _{escaped(one.value)}_' if one.value else ''), '\t' + escaped(one.text), '']
    out += ['# DESCRIPTION', '']
    for paragraph in page.more.split('\n\n'):
        out += ['```', paragraph, '```', ''] if re.search(r'^  ', paragraph, re.M) else [escaped(paragraph), '']
    others = [f'*vfslock*(1)'] if page.name else []
    others += [f'*vfslock-{other.name}*(1)' for other in pages if other.name and other is not page]
    out += ['# SEE ALSO', '', ', '.join([*others, '*flock*(1)']), '']
    return '\n'.join(out)


def words_of(page):
    return ' '.join(name for option in page.options for name in option.names)


def bash(pages):
    top, subs = pages[0], pages[1:]
    cases = ''.join(f'    {page.name}) words="{words_of(page)}" ;;\n' for page in subs)
    values = {}
    for page in subs:
        for option in page.options:
            if option.choices:
                values['|'.join(option.names)] = ' '.join(option.choices)
    choices = ''.join(f'    {names}) COMPREPLY=($(compgen -W "{words}" -- "$word")); return ;;\n' for names, words in values.items())
    return f'''# bash completion of vfslock
_vfslock() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words i
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{' '.join(page.name for page in subs)} {words_of(top)}" -- "$word"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [ "${{COMP_WORDS[i]}}" = -- ]; then  # the command of run
      COMPREPLY=($(compgen -c -f -- "$word"))
      return
    fi
  done
  case $before in
{choices}  esac
  case ${{COMP_WORDS[1]}} in
{cases}  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}}
complete -o filenames -F _vfslock vfslock
'''


def quoted(text):
    return text.replace("'", "'\\''").replace('[', '\\[').replace(']', '\\]').replace(':', '\\:')


def zsh(pages):
    top, subs = pages[0], pages[1:]
    names = ''.join(f"    '{page.name}:{quoted(page.what)}'\n" for page in subs)
    cases = ''
    for page in subs:
        lines = []
        for option in page.options:
            value = ''
            if option.value:
                value = f':{option.value.lower()}:' if not option.choices else f':value:({" ".join(option.choices)})'
            for name in option.names:
                lines.append(f"'{name}[{quoted(option.text)}]{value}'")
        lines.append("'*:file:_files'")
        cases += f"    {page.name})\n      _arguments -S \\\n        " + ' \\\n        '.join(lines) + ' ;;\n'
    return f'''#compdef vfslock
_vfslock() {{
  local -a subcommands=(
{names}  )
  if (( CURRENT == 2 )); then
    _describe subcommand subcommands
    _values option {' '.join(name for option in top.options for name in option.names)}
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
{cases}  esac
}}
_vfslock "$@"
'''


def fish(pages):
    subs = pages[1:]
    out = ['# fish completion of vfslock']
    for page in subs:
        text = page.what.replace("'", "\\'")
        out.append(f"complete -c vfslock -n __fish_use_subcommand -f -a {page.name} -d '{text}'")
    for page in subs:
        for option in page.options:
            names = ' '.join(f'-l {name[2:]}' if name.startswith('--') else f'-s {name[1:]}' for name in option.names)
            text = option.text.replace('\\', '\\\\').replace("'", "\\'")
            value = f" -x -a '{' '.join(option.choices)}'" if option.choices else ' -x' if option.value else ''
            out.append(f"complete -c vfslock -n '__fish_seen_subcommand_from {page.name}' {names}{value} -d '{text}'")
    return '\n'.join(out) + '\n'


def main(command, folder):
    top = Page(command, '')
    pages = [top, *(Page(command, sub.names[0]) for sub in top.subcommands)]
    for name, text in [('vfslock.bash', bash(pages)), ('vfslock.zsh', zsh(pages)), ('vfslock.fish', fish(pages)),
                       *(('vfslock' + (f'-{page.name}' if page.name else '') + '.1.scd', scd(page, pages)) for page in pages)]:
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(text)


if __name__ == '__main__':
    main(*sys.argv[1:])
