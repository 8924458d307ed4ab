"""The C interface through ctypes: what a program in another language sees. VFSLOCK_SO names the library."""
import ctypes
import json
import os

NO_WAIT, FOREVER, SAME_TTL, OWN_BOUND = 0, -1, -1, -1
HELD = -100

_library = ctypes.CDLL(os.environ['VFSLOCK_SO'])
_P, _S, _I32, _I64 = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int64
_PP = ctypes.POINTER(ctypes.c_void_p)
_HANDLER = ctypes.CFUNCTYPE(_I32, _P, _P)


def _function(name, result, *arguments):
    function = getattr(_library, 'vfslock_' + name)
    function.restype, function.argtypes = result, arguments
    return function


_client_new = _function('client_new', _I32, _PP, _PP)
_client_set = _function('client_set', _I32, _P, _S, _S, _PP)
_client_free = _function('client_free', None, _P)
_options_new = _function('options_new', _I32, _PP, _PP)
_options_free = _function('options_free', None, _P)
_options_set = _function('options_set', _I32, _P, _S, _S, _PP)
_set_ttl = _function('options_set_ttl_ms', _I32, _P, _I64, _PP)
_set_owner = _function('options_set_owner_id', _I32, _P, _S, _PP)
_set_attribute = _function('options_set_attribute', _I32, _P, _S, _S, _PP)
_set_renewal = _function('options_set_renewal', _I32, _P, _I32, _PP)
_set_require = _function('options_set_require', _I32, _P, _I32, _PP)
_set_keep = _function('options_set_keep_record', _I32, _P, _I32, _PP)
_on = {name: _function('options_on_' + name, _I32, _P, _HANDLER, _P, _P, _PP) for name in ('stale', 'waiting', 'at_risk', 'lost')}
_cancel_new = _function('cancel_new', _I32, _PP, _PP)
_cancel_trigger = _function('cancel_trigger', None, _P)
_cancel_free = _function('cancel_free', None, _P)
_acquire = _function('acquire', _I32, _P, _S, _P, _I64, _P, _PP, _PP)
_renew = _function('lock_renew', _I32, _P, _I64, _I64, _P, ctypes.POINTER(_I64), _PP)
_check_lock = _function('lock_check', _I32, _P, _I64, _P, ctypes.POINTER(_I64), _PP)
_release = _function('lock_release', _I32, _P, _I64, _P, _PP)
_is_held = _function('lock_is_held', _I32, _P)
_remaining = _function('lock_remaining_ms', _I64, _P)
_token = _function('lock_token', _I64, _P)
_id = _function('lock_id', _S, _P)
_free = _function('lock_free', None, _P)
_inspect = _function('inspect', _I32, _P, _S, _I64, _P, _PP, _PP)
_probe = _function('probe', _I32, _P, _S, _I64, _P, _PP, _PP)
_report_json = _function('report_json', _S, _P)
_report_free = _function('report_free', None, _P)
_event_error = _function('event_error', _P, _P)
_error_message = _function('error_message', _S, _P)
_error_uri = _function('error_uri', _S, _P)
_error_record = _function('error_record', _P, _P)
_error_detail = _function('error_detail', _S, _P, _S)
_error_free = _function('error_free', None, _P)
_record_host = _function('record_host', _S, _P)
_status_name = _function('status_name', _S, _I32)


def _text(value):
    return value.decode(errors='replace') if value is not None else None


class Error(Exception):
    def __init__(self, status, error):
        self.status, self.name, self.message = status, _text(_status_name(status)), _text(_error_message(error))
        super().__init__(f'{self.name}: {self.message}')
        self.uri = _text(_error_uri(error))
        self.http_status = _text(_error_detail(error, b'http_status'))
        record = _error_record(error)
        self.host = _text(_record_host(record)) if record else None
        _error_free(error)


def _check(call, *arguments):
    error = ctypes.c_void_p()
    status = call(*arguments, ctypes.byref(error))
    if status != 0:
        raise Error(status, error)


class Client:
    """Keys by name: Client(s3__endpoint='http://…') sets s3.endpoint."""

    def __init__(self, **keys):
        self.handle = ctypes.c_void_p()
        _check(_client_new, ctypes.byref(self.handle))
        for key, value in keys.items():
            _check(_client_set, self.handle, key.replace('__', '.').encode(), str(value).encode())

    def _report(self, call, uri, timeout_ms):
        report = ctypes.c_void_p()
        _check(call, self.handle, os.fsencode(uri), timeout_ms, None, ctypes.byref(report))
        try:
            return json.loads(_report_json(report))
        finally:
            _report_free(report)

    def inspect(self, uri, timeout_ms=OWN_BOUND):
        return self._report(_inspect, uri, timeout_ms)

    def probe(self, uri, timeout_ms=OWN_BOUND):
        return self._report(_probe, uri, timeout_ms)

    def lock(self, uri, **options):
        return Lock(uri, client=self, **options)

    def close(self):
        _client_free(self.handle)
        self.handle = None


class Cancel:
    def __init__(self):
        self.handle = ctypes.c_void_p()
        _check(_cancel_new, ctypes.byref(self.handle))

    def trigger(self):
        _cancel_trigger(self.handle)


class Lock:
    """on_…: Python functions of the event's error message (None where there is none); their result is the handler's."""

    def __init__(self, uri, ttl_ms=30000, owner=None, renewal=False, keep=False, wait_ms=NO_WAIT, client=None, cancel=None,
                 require=None, steal=None, attributes=None, **handlers):
        options, self._lock = ctypes.c_void_p(), ctypes.c_void_p()
        self._client = client  # which stays as long as its locks
        self._handlers = []    # ctypes frees what nobody refers to
        _check(_options_new, ctypes.byref(options))
        try:
            _check(_set_ttl, options, ttl_ms)
            _check(_set_renewal, options, int(renewal))
            _check(_set_keep, options, int(keep))
            if require is not None:
                _check(_set_require, options, require)
            if steal is not None:
                _check(_options_set, options, b'steal', steal.encode())
            if owner is not None:
                _check(_set_owner, options, os.fsencode(owner))
            for name, value in (attributes or {}).items():
                _check(_set_attribute, options, os.fsencode(name), os.fsencode(value))
            for name, function in handlers.items():
                _check(_on[name.removeprefix('on_')], options, self._handler(function), None, None)
            _check(_acquire, client.handle if client else None, os.fsencode(uri), options, wait_ms,
                   cancel.handle if cancel else None, ctypes.byref(self._lock))
        finally:
            _options_free(options)

    def _handler(self, function):
        def call(_, event):
            error = _event_error(event)
            return function(_text(_error_message(error)) if error else None) or 0
        self._handlers.append(_HANDLER(call))
        return self._handlers[-1]

    def renew(self, ttl_ms=SAME_TTL, timeout_ms=OWN_BOUND):
        left = _I64()
        _check(_renew, self._lock, ttl_ms, timeout_ms, None, ctypes.byref(left))
        return left.value

    def check(self, timeout_ms=OWN_BOUND):
        left = _I64()
        _check(_check_lock, self._lock, timeout_ms, None, ctypes.byref(left))
        return left.value

    @property
    def held(self):
        return _is_held(self._lock) == 1

    @property
    def remaining_ms(self):
        return _remaining(self._lock)

    @property
    def token(self):
        return _token(self._lock)

    @property
    def id(self):
        return _text(_id(self._lock))

    def release(self, timeout_ms=OWN_BOUND):
        """Also frees the handle, whose release may be repeated where it failed."""
        _check(_release, self._lock, timeout_ms, None)
        self.free()

    def free(self):
        _free(self._lock)
        self._lock = None

