"""Arrows point down only (DESIGN §2): who may include whom, and who may name clocks, randomness and cJSON."""
import re
import sys

import tree

# A layer and what it may include besides itself. 'vfslock' is the public header. What is not here is forbidden.
MAY_INCLUDE = {
    'lists': set(),
    'base': {'lists'},
    'seam': {'base'},
    'lock': {'seam', 'base'},
    'net': {'base'},
    'storage': {'net', 'seam', 'base'},
    'runtime': {'lock', 'seam', 'base'},
    'capi': {'runtime', 'lock', 'storage', 'seam', 'base', 'lists', 'vfslock'},
    'cli': {'vfslock'},
    'vfslock': {'lists'},
}

# Words that one layer alone may say.
RESERVED = [
    ('base', r'\b(clock_gettime|clock_nanosleep|gettimeofday|timespec_get|CLOCK_[A-Z]+)\b|\btime\s*\(\s*(nullptr|NULL|0|&)'
             r'|\b(steady_clock|system_clock|high_resolution_clock)\b'),
    ('base', r'\b(getrandom|getentropy|arc4random\w*|random_device|mt19937\w*|minstd_rand\w*|s?rand\s*\()|/dev/u?random'),
    ('base', r'\bcJSON\w*|cjson'),
    ('net', r'\bcurl_\w+|<curl/|\blibssh2\w*'),
]

# The protocol core waits through the seam only: no thread, no mutex, no system call. (Atomics are data: the word of
# Belief is read by every thread.)
NOT_IN_LOCK = (r'<(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token'
               r'|fstream|filesystem|iostream|unistd\.h|fcntl\.h|pthread\.h|poll\.h|signal\.h|sys/[\w.]+)>'
               r'|\bthread_local\b')

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)


def layer_of(path):
    """'src/lock/record.hpp' → 'lock'; a storage is named with its kind: 'storage/local'."""
    parts = path.split('/')
    if parts[0] == 'include':
        return 'vfslock'
    if parts[1] == 'storage' and len(parts) > 3:
        return 'storage/' + parts[2]
    return parts[1]


def layer_of_include(name):
    parts = name.split('/')
    if parts[0] == 'storage' and len(parts) > 2:
        return 'storage/' + parts[1]
    return parts[0] if parts[0] in MAY_INCLUDE and len(parts) > 1 else None


def check(path, text):
    """All that is wrong with one file."""
    layer, text, findings = layer_of(path), tree.code(text), []
    kind = layer.split('/')[0]
    if kind not in MAY_INCLUDE:
        return [f'{path}: "{layer}" is no layer of DESIGN §2']
    for include in INCLUDE.finditer(text):
        other = layer_of_include(include[1])
        if other is None or other == layer:
            continue
        other_kind = other.split('/')[0]
        # The registry knows every storage; a storage knows no other.
        inside_storage = kind == other_kind == 'storage' and (layer == 'storage' or other == 'storage')
        if other_kind not in MAY_INCLUDE[kind] and not inside_storage:
            findings.append(f'{path}:{tree.line_of(text, include.start())}: {layer}/ must not include {include[1]}')
    for owner, words in RESERVED:
        if kind != owner:
            findings += [f'{path}:{tree.line_of(text, word.start())}: only {owner}/ may name {word[0].strip()}'
                         for word in re.finditer(words, text)]
    if kind == 'lock':
        findings += [f'{path}:{tree.line_of(text, word.start())}: lock/ must not use {word[0]}'
                     for word in re.finditer(NOT_IN_LOCK, text)]
    return findings


def self_test():
    """The table catches planted violations and lets through what is allowed."""
    for path, line in [
            ('src/lock/acquire.cpp', '#include "storage/local/store.hpp"'),
            ('src/storage/local/store.cpp', '#include "lock/record.hpp"'),
            ('src/storage/local/store.cpp', '#include "storage/memory/store.hpp"'),
            ('src/seam/store.hpp', '#include "lock/record.hpp"'),
            ('src/base/log.cpp', '#include "seam/clock.hpp"'),
            ('src/runtime/keeper.cpp', '#include "capi/guard.hpp"'),
            ('src/cli/run.cpp', '#include "base/result.hpp"'),
            ('src/runtime/keeper.cpp', 'auto now = std::chrono::steady_clock::now();'),
            ('src/lock/renew.cpp', 'clock_gettime(CLOCK_BOOTTIME, &now);'),
            ('src/capi/client.cpp', 'auto now = time(nullptr);'),
            ('src/lock/record.cpp', 'cJSON *json = parse(text);'),
            ('src/storage/local/store.cpp', 'getrandom(buffer, 16, 0);'),
            ('src/lock/observe.cpp', '#include <mutex>'),
            ('src/helpers/x.cpp', '')]:
        assert check(path, line), f'not caught: {path}: {line}'
    for path, line in [
            ('src/lock/acquire.cpp', '#include "seam/store.hpp"\n#include <string>'),
            ('src/lock/acquire.cpp', '// no steady_clock here\n/* nor cJSON */ std::time_t t = left.time();'),
            ('src/capi/lock.cpp', '#include "storage/registry.hpp"\n#include <vfslock/vfslock.h>'),
            ('src/storage/registry.cpp', '#include "storage/local/store.hpp"'),
            ('src/base/clock.cpp', 'clock_gettime(id, &now);'),
            ('src/cli/run.cpp', '#include <vfslock/vfslock.h>')]:
        assert not check(path, line), f'wrongly refused: {check(path, line)}'


if __name__ == '__main__':
    self_test()
    root = sys.argv[1]
    sources = tree.files(root, 'src', 'include', endings=('.cpp', '.hpp', '.c', '.h', '.def'))
    if not sources:
        sys.exit('no sources found')
    tree.report([finding for path in sources for finding in check(path, tree.read(root, path))])
