"""Writes a C test that calls each function with NULL for each of its pointers in turn, from functions.def."""
import importlib
import os
import sys

# Where NULL has a meaning.
ALLOWED = {'client': ('acquire', 'inspect', 'probe', 'resume', 'with_lock', 'break_lock', 'list_new'), 'options': ('acquire', 'resume', 'with_lock'), 'cancel': ('acquire', 'inspect', 'probe', 'lock_release',
           'lock_renew', 'lock_check', 'resume', 'with_lock', 'break_lock', 'list_next'), 'ret_err': None, 'ret_left_ms': None, 'handler': None, 'user_data': None,
           'destroy': None, 'previous': None}
OBJECTS = ('client', 'options', 'cancel', 'lock', 'record', 'error', 'report', 'key', 'event', 'list')
TEXTS = {'uri': 'world.uri', 'prefix_uri': 'world.uri', 'lock_id': 'world.detached_id', 'id': 'world.detached_id', 'value': '"{name}.x"', 'owner_id': '"owner"', 'name': '"kind"', 'field': '"text"'}
NUMBERS = {'ttl_ms': '30000', 'wait_ms': '0', 'timeout_ms': '-1', 'renewal': '1', 'guarantee': '1', 'keep': '0', 'detached': '0', 'create': '0', 'index': '0',
           'status': '0', 'abi': 'VFSLOCK_ABI'}


def split(parameter):
    """'const char *uri' → ('const char *', 'uri')."""
    kind, name = parameter.strip().rsplit(' ', 1)
    stars = name.count('*')
    return kind + ' ' + '*' * stars if stars else kind, name.strip('*')


def valid(function, kind, name):
    if name.startswith('ret_'):
        return '&world.' + name
    if name == 'key' and kind.startswith('const char'):
        return '"steal"' if function == 'options_set' else '"lock.name"'
    if name == 'value' and function == 'options_set':
        return '"dead"'
    if name == 'uri' and function in ('resume', 'break_lock'):
        return 'world.detached_uri'
    if name in NUMBERS:
        return NUMBERS[name]
    if name in TEXTS:
        return TEXTS[name]
    if name == 'handler':
        return 'world_handler'
    if name == 'body':
        return 'world_body'
    if name == 'user_data':
        return '&world'
    if name == 'destroy':
        return 'world_destroy'
    if name == 'previous':
        return 'world.key'
    assert name in OBJECTS, name
    return 'world.' + name


def is_pointer(kind):
    return kind.endswith('*') or kind in ('vfslock_handler', 'vfslock_destroy', 'vfslock_body')


def case(returned, function, parameters, null):
    name = parameters[null][1]
    arguments = ', '.join('NULL' if i == null else valid(function, *parameter) for i, parameter in enumerate(parameters))
    may = name in ALLOWED and (ALLOWED[name] is None or function in ALLOWED[name])
    call = f'api->{function}({arguments})'
    label = f'"{function} with NULL for {name}"'
    if returned == 'vfslock_status' and function != 'error_status':
        if may:
            return f'  expect_status({label}, {call}, VFSLOCK_OK, {int(name != "ret_err")});\n'
        return f'  expect_status({label}, {call}, VFSLOCK_INVALID_ARGUMENT, 1);\n'
    if returned == 'void':
        return f'  {call};\n'
    if may:
        return f'  (void){call};\n'
    if returned.endswith('*'):
        return f'  expect_null({label}, {call});\n'
    wanted = -1 if function == 'event_number' else 0
    return f'  expect_number({label}, {call}, {wanted});\n'


def main(source_root, output):
    sys.path.insert(0, os.path.join(source_root, 'src', 'lists'))
    with open(os.path.join(source_root, 'src', 'lists', 'functions.def'), encoding='utf-8') as source:
        functions = importlib.import_module('make_header').functions(source.read())
    out = ['/* Written by make_null_calls.py. */\n']
    calls = []
    for returned, function, text in functions:
        parameters = [split(parameter) for parameter in text.split(',')] if text != 'void' else []
        for null, (kind, _) in enumerate(parameters):
            if not is_pointer(kind):
                continue
            calls.append(f'nulls_{function}_{null}')
            out.append(f'static void {calls[-1]}(void) {{\n{case(returned.strip(), function, parameters, null)}}}\n')
    out.append('static void (*const null_calls[])(void) = {\n' + ''.join(f'  {call},\n' for call in calls) + '};\n')
    with open(output, 'w', encoding='utf-8') as file:
        file.write(''.join(out))


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
