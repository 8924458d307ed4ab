"""The stages of tools/test: build, run, count. Called by tools/test, which says what each stage is for."""
import json
import os
import shutil
import subprocess
import sys
import time

from progress import run_logged

CPUS = len(os.sched_getaffinity(0))


class Build:
    """One build folder: a compiler and its options."""

    def __init__(self, name, cc, cxx, native=None, options=()):
        self.name, self.folder, self.native, self.options = name, f'build-{name}', native, options
        wrap = 'ccache ' if shutil.which('ccache') else ''
        # What the caller's shell happens to export must not change what is tested (but the tests' own knobs may).
        self.env = {name: value for name, value in os.environ.items()
                    if name not in ('DESTDIR', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS')
                    and (not name.startswith('VFSLOCK_') or name.startswith('VFSLOCK_TEST_'))}
        self.env.update(CC=wrap + cc, CXX=wrap + cxx)
        # The folder of a build says nothing of what is compiled: what one has compiled another need not.
        self.env.setdefault('CCACHE_NOHASHDIR', '1')
        self.env.setdefault('UBSAN_OPTIONS', 'print_stacktrace=1')
        self.env.setdefault('TSAN_OPTIONS', 'halt_on_error=1:second_deadlock_stack=1')
        symbolizer = shutil.which('llvm-symbolizer-14')
        if symbolizer:
            for tool in ('ASAN', 'TSAN', 'UBSAN'):
                self.env.setdefault(f'{tool}_SYMBOLIZER_PATH', symbolizer)

    def configure(self):
        setup = ['meson', 'setup', '--werror', *self.options, self.folder]
        if self.native:
            setup += ['--native-file', f'tools/native/{self.native}.ini']
        # A folder that was set up in another way is made anew, not mended.
        stamp, wanted = f'{self.folder}/setup-command', f'{self.env["CC"]} {self.env["CXX"]} {setup}\n'
        if os.path.exists(stamp) and open(stamp, encoding='utf-8').read() == wanted:
            # Descriptions of the build that changed are read again before tests are chosen from them.
            return run_logged(f'{self.name}: configuring', ['ninja', '-C', self.folder, 'build.ninja'], self.env) == 0
        shutil.rmtree(self.folder, ignore_errors=True)
        if run_logged(f'{self.name}: configuring', setup, self.env) != 0:
            return False
        with open(stamp, 'w', encoding='utf-8') as file:
            file.write(wanted)
        return True

    def introspect(self, what):
        shown = subprocess.run(['meson', 'introspect', f'--{what}', self.folder], env=self.env, check=True,
                               stdout=subprocess.PIPE)
        return json.loads(shown.stdout)

    def tests(self):
        tests = self.introspect('tests')
        for test in tests:
            test['suite'] = {suite.split(':')[-1] for suite in test['suite']}
        return tests

    def build(self, tests):
        """Builds what the tests need; everything if tests is None."""
        targets = []
        if tests is not None:
            files = {target['id']: target['filename'] for target in self.introspect('targets')}
            targets = sorted({os.path.relpath(file, os.path.abspath(self.folder))
                              for test in tests for target in test['depends'] for file in files[target]})
            if not targets:
                return True
        command = ['ninja', '-C', self.folder, f'-j{CPUS}', *targets]
        return run_logged(f'{self.name}: building', command, self.env) == 0

    def run(self, tests):
        """Returns the entries of Meson's log."""
        log = f'{self.folder}/meson-logs/testlog.json'
        if os.path.exists(log):
            os.remove(log)
        # A test's time-out is for a machine that does nothing else; a busy one must not fail for that.
        command = ['meson', 'test', '-C', self.folder, '--no-rebuild', '--timeout-multiplier', '4',
                   *[test['name'] for test in tests]]
        run_logged(f'{self.name}: testing', command, self.env, show_failure=False)
        if not os.path.exists(log):
            return []
        with open(log, encoding='utf-8') as lines:
            return [json.loads(line) for line in lines]


class Stage:
    """A build, and which of its tests run: those in one of the suites, and in none of the left out ones."""

    def __init__(self, build, *suites, without=(), everything=False):
        self.build, self.suites, self.without, self.everything = build, set(suites), set(without), everything

    def chosen(self):
        return [test for test in self.build.tests()
                if test['suite'] & self.suites and not test['suite'] & self.without]


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


def plan():
    """Stages by name; 'full' is the gate."""
    gcc = Build('gcc', 'gcc', 'g++')
    clang = Build('clang', 'clang-14', 'clang++-14')
    asan = Build('asan', 'clang-14', 'clang++-14', 'asan')
    tsan = Build('tsan', 'clang-14', 'clang++-14', 'tsan')
    # Without what network storages need: the library is whole all the same, and links no libcurl.
    local_only = Build('local-only', 'gcc', 'g++', options=['-Ds3=disabled'])
    # Clang without sanitizers: the library and the command as others would build them. The tests themselves are
    # compiled by Clang below, with the same warnings as errors.
    # 'house' looks at sources and at the library as it is installed, and a sanitizer has no place in the Python
    # process that loads the library for 'interop'. What is 'serial' has no second thread that could race.
    gate = [Stage(gcc, 'quick', 'full', everything=True),
            Stage(clang, 'house', 'abi', without=['full']),
            Stage(local_only, 'house', 'abi', without=['full']),
            Stage(asan, 'quick', 'sanitize', without=['house', 'interop']),
            Stage(tsan, 'quick', 'sanitize', without=['house', 'interop', 'serial'])]
    return {'quick': [Stage(gcc, 'quick')],
            'full': gate,
            'long': [*gate, Stage(gcc, 'long')],
            **{stage.build.name: [stage] for stage in gate}}


def named(build, wanted):
    """The tests of a suite, or of a name. Ends the program when there are none."""
    tests = build.tests()
    chosen = [test for test in tests if wanted in test['suite']] or [test for test in tests if wanted == test['name']]
    if not chosen:
        sys.exit(f'test: there is no stage, suite or test "{wanted}". There are:\n'
                 f'  stages  {" ".join(plan())}\n'
                 f'  suites  {" ".join(sorted(set().union(*[test["suite"] for test in tests])))}\n'
                 f'  tests   {", ".join(sorted({test["name"] for test in tests}))}')
    return chosen


def main(wanted):
    count, started = Count(), time.monotonic()
    for stage in plan().get(wanted) or [Stage(Build('gcc', 'gcc', 'g++'))]:
        build = stage.build
        if not build.configure():
            count.fail(f'{build.name}: cannot be configured')
            continue
        chosen = stage.chosen() if stage.suites else named(build, wanted)
        if not build.build(None if stage.everything else chosen):
            count.fail(f'{build.name}: does not build')
            continue
        entries = build.run(chosen) if chosen else []
        if len(entries) < len(chosen) or not entries:
            count.fail(f'{build.name}: only {len(entries)} of {len(chosen)} tests ran')
        count.add(build, entries)
    print(f'{time.monotonic() - started:.0f} seconds')
    return count.finish()


if __name__ == '__main__':
    if len(sys.argv) > 2 or sys.argv[1:] in (['-h'], ['--help']):
        sys.exit('usage: tools/test [quick|full|long|STAGE|SUITE|TEST]')
    sys.stdout.reconfigure(errors='replace')  # logs of tests hold any bytes, and a terminal may be no UTF-8
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else 'full'))
    except KeyboardInterrupt:
        sys.exit(130)
