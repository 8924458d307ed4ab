"""The C interface through ctypes: what a program in another language sees."""
import ctypes
import os

NO_WAIT, SAME_TTL = 0, -1
HELD = -100

_library = ctypes.CDLL(os.environ['VFSLOCK_SO'])


def _function(name, result, *arguments):
    function = getattr(_library, 'vfslock_' + name)
    function.restype, function.argtypes = result, arguments
    return function


_P, _S, _I32, _I64 = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int64
_PP = ctypes.POINTER(ctypes.c_void_p)
_options_new = _function('options_new', _I32, _PP, _PP)
_options_free = _function('options_free', None, _P)
_set_ttl = _function('options_set_ttl_ms', _I32, _P, _I64, _PP)
_set_owner = _function('options_set_owner_id', _I32, _P, _S, _PP)
_set_renewal = _function('options_set_renewal', _I32, _P, _I32, _PP)
_set_keep = _function('options_set_keep_record', _I32, _P, _I32, _PP)
_acquire = _function('acquire', _I32, _P, _S, _P, _I64, _P, _PP, _PP)
_renew = _function('lock_renew', _I32, _P, _I64, _I64, _P, ctypes.POINTER(_I64), _PP)
_release = _function('lock_release', _I32, _P, _I64, _P, _PP)
_free = _function('lock_free', None, _P)
_error_message = _function('error_message', _S, _P)
_error_record = _function('error_record', _P, _P)
_error_free = _function('error_free', None, _P)
_record_host = _function('record_host', _S, _P)


class Error(Exception):
    def __init__(self, status, error):
        super().__init__(f'{status}: {_error_message(error).decode()}')
        self.status = status
        record = _error_record(error)
        self.host = _record_host(record).decode() if record else None
        _error_free(error)


def _check(call, *arguments):
    error = ctypes.c_void_p()
    status = call(*arguments, ctypes.byref(error))
    if status != 0:
        raise Error(status, error)


class Lock:
    def __init__(self, uri, ttl_ms=30000, owner=None, renewal=False, keep=False, wait_ms=NO_WAIT):
        options, self._lock = ctypes.c_void_p(), ctypes.c_void_p()
        _check(_options_new, ctypes.byref(options))
        try:
            _check(_set_ttl, options, ttl_ms)
            _check(_set_renewal, options, int(renewal))
            _check(_set_keep, options, int(keep))
            if owner is not None:
                _check(_set_owner, options, owner.encode())
            _check(_acquire, None, os.fsencode(uri), options, wait_ms, None, ctypes.byref(self._lock))
        finally:
            _options_free(options)

    def renew(self, ttl_ms=SAME_TTL):
        left = _I64()
        _check(_renew, self._lock, ttl_ms, -1, None, ctypes.byref(left))

    def release(self):
        _check(_release, self._lock, -1, None)
        _free(self._lock)
