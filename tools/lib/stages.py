"""The stages of tools/test: build, run, count. Called by tools/test, which says what each stage is for."""
import json
import os
import shutil
import subprocess
import sys
import time

from progress import run_logged

CPUS = len(os.sched_getaffinity(0))
QUICK, GATE, LONG = ['quick'], ['quick', 'full'], ['quick', 'full', 'long']


def suites(names):
    return [argument for name in names for argument in ('--suite', name)]


# The structural tests look at sources and at the library as it is installed; a sanitizer has no place in the Python
# process that loads the library for the interoperability tests.
SANITIZE = [*suites(['quick', 'sanitize']), '--no-suite', 'house', '--no-suite', 'interop']


class Build:
    """One build folder: a compiler and its options."""

    def __init__(self, name, cc, cxx, native=None):
        self.name, self.folder, self.native = name, f'build-{name}', native
        wrap = 'ccache ' if shutil.which('ccache') else ''
        # What the caller's shell happens to export must not change what is tested (but the tests' own knobs may).
        self.env = {name: value for name, value in os.environ.items()
                    if name not in ('DESTDIR', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS')
                    and (not name.startswith('VFSLOCK_') or name.startswith('VFSLOCK_TEST_'))}
        self.env.update(CC=wrap + cc, CXX=wrap + cxx)
        self.env.setdefault('UBSAN_OPTIONS', 'print_stacktrace=1')
        self.env.setdefault('TSAN_OPTIONS', 'halt_on_error=1:second_deadlock_stack=1')
        symbolizer = shutil.which('llvm-symbolizer-14')
        if symbolizer:
            for tool in ('ASAN', 'TSAN', 'UBSAN'):
                self.env.setdefault(f'{tool}_SYMBOLIZER_PATH', symbolizer)

    def build(self):
        setup = ['meson', 'setup', '--werror', self.folder]
        if self.native:
            setup += ['--native-file', f'tools/native/{self.native}.ini']
        # A folder that was set up in another way is made anew, not mended.
        stamp, wanted = f'{self.folder}/setup-command', f'{self.env["CC"]} {self.env["CXX"]} {setup}\n'
        if not (os.path.exists(stamp) and open(stamp, encoding='utf-8').read() == wanted):
            shutil.rmtree(self.folder, ignore_errors=True)
            if run_logged(f'{self.name}: configuring', setup, self.env) != 0:
                return False
            with open(stamp, 'w', encoding='utf-8') as file:
                file.write(wanted)
        return run_logged(f'{self.name}: building', ['ninja', '-C', self.folder, f'-j{CPUS}'], self.env) == 0

    def tests(self):
        shown = subprocess.run(['meson', 'introspect', '--tests', self.folder], env=self.env, check=True,
                               stdout=subprocess.PIPE)
        return [(test['name'], [suite.split(':')[-1] for suite in test['suite']]) for test in json.loads(shown.stdout)]

    def run(self, selection):
        """Runs what the arguments of `meson test` select; returns the entries of its log."""
        log = f'{self.folder}/meson-logs/testlog.json'
        if os.path.exists(log):
            os.remove(log)
        # A test's time-out is for a machine that does nothing else; a busy one must not fail for that.
        command = ['meson', 'test', '-C', self.folder, '--no-rebuild', '--timeout-multiplier', '4', *selection]
        run_logged(f'{self.name}: testing', command, self.env, show_failure=False)
        if not os.path.exists(log):
            return []
        with open(log, encoding='utf-8') as lines:
            return [json.loads(line) for line in lines]


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.skips = []

    def add(self, build, entries):
        for entry in entries:
            name = entry['name'].split(' / ')[-1]  # Meson puts project and suites before it
            output = (entry.get('stdout') or '') + (entry.get('stderr') or '')
            # A test that runs but leaves a part out says so in a line "SKIP: what: why".
            parts = [line[5:].strip() for line in output.splitlines() if line.startswith('SKIP:')]
            if entry['result'] == 'SKIP':
                self.skip(build, name, parts or ['gives no reason'])
            else:
                self.skip(build, name, parts)
                if entry['result'] in ('OK', 'EXPECTEDFAIL'):
                    self.passed += 1
                else:
                    self.fail(f'{build.name}: {name} ({entry["result"]})', output)

    def skip(self, build, name, reasons):
        self.skipped += len(reasons)
        self.skips += [f'{build.name}: {name}: {reason}' for reason in reasons]

    def fail(self, what, output=''):
        self.failed += 1
        lines = output.rstrip().splitlines()
        if len(lines) > 200:
            lines = [*lines[:60], f'... {len(lines) - 180} lines left out ...', *lines[-120:]]
        print('\n'.join([f'FAILED {what}', *('  ' + line for line in lines)]), flush=True)

    def finish(self):
        for skip in self.skips:
            print('SKIPPED ' + skip)
        print(f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped', flush=True)
        return 0 if self.passed and not self.failed else 1


def main(arguments):
    gcc = Build('gcc', 'gcc', 'g++')
    clang = Build('clang', 'clang-14', 'clang++-14')
    asan = Build('asan', 'clang-14', 'clang++-14', 'asan')
    tsan = Build('tsan', 'clang-14', 'clang++-14', 'tsan')
    gate = [(gcc, suites(GATE)), (clang, suites(QUICK)), (asan, SANITIZE), (tsan, SANITIZE)]
    long = [(gcc, suites(LONG)), *gate[1:]]
    stages = {'quick': [(gcc, suites(QUICK))], 'full': gate, 'long': long,
              **{build.name: [(build, selection)] for build, selection in gate}}
    wanted = arguments[0] if arguments else 'full'
    count, started = Count(), time.monotonic()
    for build, selection in stages.get(wanted, [(gcc, None)]):
        if not build.build():
            count.fail(f'{build.name}: does not build')
            continue
        if selection is None:
            known = build.tests()
            if any(wanted in found for _, found in known):
                selection = suites([wanted])
            elif any(wanted == name for name, _ in known):
                selection = [wanted]
            else:
                print(f'test: there is no stage, suite or test "{wanted}". There are:\n'
                      f'  stages  {" ".join(stages)}\n'
                      f'  suites  {" ".join(sorted({suite for _, found in known for suite in found}))}\n'
                      f'  tests   {", ".join(sorted({name for name, _ in known}))}', file=sys.stderr)
                return 64
        entries = build.run(selection)
        if not entries:
            count.fail(f'{build.name}: no test ran')
        count.add(build, entries)
    print(f'{time.monotonic() - started:.0f} seconds')
    return count.finish()


if __name__ == '__main__':
    if len(sys.argv) > 2 or sys.argv[1:] in (['-h'], ['--help']):
        sys.exit('usage: tools/test [quick|full|long|STAGE|SUITE|TEST]')
    sys.stdout.reconfigure(errors='replace')  # logs of tests hold any bytes, and a terminal may be no UTF-8
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
