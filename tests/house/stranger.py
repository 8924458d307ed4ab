"""A stranger's program builds with what pkg-config says and runs: installed and uninstalled, C and C++, with the
shared library and with libvfslock.a."""
import os
import shlex
import subprocess
import sys
import tempfile

C_PROGRAM = r'''
#include <stdio.h>
#include <string.h>
#include <vfslock/vfslock.h>

int main(void) {
  vfslock_options *options = NULL;
  vfslock_lock *lock = NULL;
  vfslock_lock *second = NULL;
  vfslock_error *err = NULL;
  if (vfslock_options_new(&options, &err) != VFSLOCK_OK) return 2;
  vfslock_options_set_ttl_ms(options, 30000, NULL);
  if (vfslock_acquire(NULL, "mem://stranger/data", options, VFSLOCK_NO_WAIT, NULL, &lock, &err) != VFSLOCK_OK) {
    fprintf(stderr, "%s\n", vfslock_error_message(err));
    return 3;
  }
  if (vfslock_acquire(NULL, "mem://stranger/data", options, VFSLOCK_NO_WAIT, NULL, &second, &err) != VFSLOCK_HELD) return 4;
  vfslock_error_free(err);
  vfslock_lock_close(lock, 2000);
  vfslock_options_free(options);
  printf("%s\n", vfslock_version_string());
  return 0;
}
'''


def run(*command, env=None):
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f'{" ".join(command)}\nended with {done.returncode}:\n{done.stdout}')
    return done.stdout.strip()


def flags(pc_env, *options):
    return shlex.split(run('pkg-config', *options, 'vfslock', env=pc_env))


def try_out(name, folder, pc_env, library_path):
    """Builds and runs the program in every way that a stranger may."""
    version = flags(pc_env, '--modversion')[0]
    for language, compiler in (('c', os.environ.get('CC', 'cc')), ('cpp', os.environ.get('CXX', 'c++'))):
        source = os.path.join(folder, f'stranger.{language}')
        with open(source, 'w', encoding='utf-8') as file:
            file.write(C_PROGRAM)
        for kind in ('shared', 'static'):
            libs = flags(pc_env, '--libs', *(['--static'] if kind == 'static' else []))
            if kind == 'static':
                libs = ['-l:libvfslock.a' if lib == '-lvfslock' else lib for lib in libs]
            program = os.path.join(folder, f'{name}-{language}-{kind}')
            run(*shlex.split(compiler), source, '-Wall', '-Werror', *flags(pc_env, '--cflags'), *libs, '-o', program)
            needed = run('readelf', '-d', program)
            if ('libvfslock.so.0' in needed) != (kind == 'shared'):
                sys.exit(f'{name}: the {kind} program does not use the {kind} library:\n{needed}')
            said = run(program, env={**os.environ, 'LD_LIBRARY_PATH': library_path})
            if said != version:
                sys.exit(f'{name}, {language}, {kind}: said "{said}" instead of "{version}"')
            print(f'ok: {name}, {language}, {kind}')


def main():
    build, prefix, libdir = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, 'image')
        run('meson', 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', image)
        installed = image + os.path.join(prefix, libdir)
        try_out('installed', folder, {**os.environ, 'PKG_CONFIG_SYSROOT_DIR': image,
                                      'PKG_CONFIG_PATH': os.path.join(installed, 'pkgconfig')}, installed)
        try_out('uninstalled', folder, {**os.environ, 'PKG_CONFIG_PATH': os.path.join(build, 'meson-uninstalled')},
                os.path.join(build, 'src'))


if __name__ == '__main__':
    main()
