"""A stranger's program builds with what pkg-config says and runs: installed and uninstalled, C and C++, with the
shared library and with libvfslock.a; with what CMake's find_package says; and without either, by dlopen."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

C_PROGRAM = r'''
#include <stdio.h>
#include <string.h>
#include <vfslock/vfslock.h>
#if defined(__cplusplus) && __cplusplus >= 201703L
#include <vfslock/vfslock.hpp>

static const vfslock::lock unused;
#endif

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


# The same program, which knows the library by nothing but the name of its file and of one function.
LOADING_PROGRAM = '#include <dlfcn.h>\n' + re.sub(r'\bvfslock_(\w+)\(', r'api->\1(', C_PROGRAM).replace(
    'int main(void) {', r'''int main(void) {
  const vfslock_api *(*get_api)(int32_t) = NULL;
  void *library = dlopen("libvfslock.so.0", RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, "vfslock_get_api") : NULL;
  if (!found) {
    fprintf(stderr, "%s\n", dlerror());
    return 5;
  }
  memcpy(&get_api, &found, sizeof get_api);
  const vfslock_api *api = get_api(VFSLOCK_ABI);
  if (!api || !VFSLOCK_HAS(api, version_string)) return 6;''')

CMAKE_PROJECT = '''
cmake_minimum_required(VERSION 3.16)
project(stranger {language})
find_package(vfslock 99 QUIET)
if(vfslock_FOUND)
  message(FATAL_ERROR "a version that does not exist was found")
endif()
find_package(vfslock {version} REQUIRED)
add_executable(shared stranger.{ending})
target_link_libraries(shared vfslock::vfslock)
add_executable(static stranger.{ending})
target_link_libraries(static vfslock::vfslock-static)
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
            try_program(f'{name}, {language}, {kind}', program, kind == 'shared', version, library_path)


def try_program(name, program, shared, version, library_path):
    needed = run('readelf', '-d', program)
    if ('libvfslock.so.0' in needed) != shared:
        sys.exit(f'{name}: is {"not " if shared else ""}linked with the shared library:\n{needed}')
    said = run(program, env={**os.environ, 'LD_LIBRARY_PATH': library_path})
    if said != version:
        sys.exit(f'{name}: said "{said}" instead of "{version}"')
    print(f'ok: {name}')


def try_cmake(folder, prefix, version, library_path):
    """A project of C alone and one of C++ alone, told nothing but the installed prefix."""
    for language, ending in (('C', 'c'), ('CXX', 'cpp')):
        project = os.path.join(folder, f'cmake-{ending}')
        os.mkdir(project)
        for name, text in (('CMakeLists.txt', CMAKE_PROJECT.format(language=language, ending=ending,
                                                                   version='.'.join(version.split('.')[:2]))),
                           (f'stranger.{ending}', C_PROGRAM)):
            with open(os.path.join(project, name), 'w', encoding='utf-8') as file:
                file.write(text)
        build = os.path.join(project, 'build')
        run('cmake', '-S', project, '-B', build, '-G', 'Ninja', f'-DCMAKE_PREFIX_PATH={prefix}')
        run('cmake', '--build', build)
        for kind in ('shared', 'static'):
            try_program(f'CMake, {ending}, {kind}', os.path.join(build, kind), kind == 'shared', version, library_path)


def try_loading(folder, include, version, library_path):
    source, program = os.path.join(folder, 'loading.c'), os.path.join(folder, 'loading')
    with open(source, 'w', encoding='utf-8') as file:
        file.write(LOADING_PROGRAM)
    run(*shlex.split(os.environ.get('CC', 'cc')), source, '-Wall', '-Werror', '-I', include, '-ldl', '-o', program)
    try_program('by dlopen', program, False, version, library_path)


def main():
    build, prefix, libdir, includedir = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, 'image')
        run('meson', 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', image)
        installed = image + os.path.join(prefix, libdir)
        try_out('installed', folder, {**os.environ, 'PKG_CONFIG_SYSROOT_DIR': image,
                                      'PKG_CONFIG_PATH': os.path.join(installed, 'pkgconfig')}, installed)
        version = flags({**os.environ, 'PKG_CONFIG_PATH': os.path.join(installed, 'pkgconfig')}, '--modversion')[0]
        try_cmake(folder, image + prefix, version, installed)
        try_loading(folder, image + os.path.join(prefix, includedir), version, installed)
        try_out('uninstalled', folder, {**os.environ, 'PKG_CONFIG_PATH': os.path.join(build, 'meson-uninstalled')},
                os.path.join(build, 'src'))


if __name__ == '__main__':
    main()
