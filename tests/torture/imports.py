"""Nothing that the library calls is overlooked: what it imports can be made to fail by the torture, or has a reason here.

    imports.py LIBRARY TORTURE"""
import re
import subprocess
import sys

# These cannot fail, or not for a reason outside of the caller's hands, or touch neither disk nor memory.
PURE = re.compile(r'_Z|__cxa_|__gxx_|_Unwind_|_ITM_|__gmon_|__stack_chk|__tls_|__errno_location|__environ|environ$|__dynamic_cast|'
                  r'__libc_single_threaded|mem|str|__isoc|__snprintf_chk|snprintf|sscanf|__explicit_bzero_chk|explicit_bzero|'
                  r'__register_atfork|clock_gettime|nanosleep|get(e?uid|pid)$|secure_getenv|dirfd|sig|inet_pton|closedir|fclose|'
                  r'pthread_(attr|mutex|cond|self|setname|sigmask)')
# What other libraries do inside is theirs.
LIBRARIES = re.compile(r'cJSON_|curl_|XML_|nettle_')
# Of network storages alone: helper processes for credentials, sockets, libcurl. They have tests against servers.
NETWORK = re.compile(r'dl(open|sym|error)$|posix_spawn|waitpid|kill$|poll$|syscall$|socket|ioctl|getpwuid_r|readlinkat')


def names(path, kind):
    shown = subprocess.run(['nm', '-D', kind, path], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {line.split()[-1].split('@')[0] for line in shown.splitlines()}


if __name__ == '__main__':
    imports, interposed = names(sys.argv[1], '--undefined-only'), names(sys.argv[2], '--defined-only')
    overlooked = sorted(name for name in imports - interposed
                        if not any(reason.match(name) for reason in (PURE, LIBRARIES, NETWORK)))
    assert 'malloc' in interposed and len(imports & interposed) > 30, sorted(imports & interposed)
    sys.exit(f'the library imports what the torture does not make fail: {", ".join(overlooked)}' if overlooked else 0)
