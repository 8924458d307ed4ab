"""Reads a lock record the way the Go package does, so that the tests can ask what it would think of ours.

A small re-implementation of the observed behaviour: Go's JSON decoder into a struct of five fields (keys matched in
any case, the last of two counts, unknown ones ignored, only the first value of the file read), then
`ttl == 0 or now <= createdAt + ttl` means held.
"""
import json
import re
from datetime import datetime, timedelta, timezone

FIELDS = {'createdat': 'createdAt', 'ttl': 'ttl', 'hostname': 'hostname', 'pid': 'pid', 'ownerid': 'ownerId'}
TIME = re.compile(r'(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$')


class Rejected(Exception):
    """The Go package would fail on this file, for ever."""


def parse_time(text):
    """Seconds since 1970 as (whole seconds, nanoseconds)."""
    match = isinstance(text, str) and TIME.match(text)
    if not match:
        raise Rejected(f'createdAt is no RFC 3339 time: {text!r}')
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    zone = timezone.utc
    if match[8] != 'Z':
        sign = -1 if match[8][0] == '-' else 1
        zone = timezone(sign * timedelta(hours=int(match[8][1:3]), minutes=int(match[8][4:6])))
    whole = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    nanoseconds = int(((match[7] or '.')[1:] + '0' * 9)[:9])
    return int(whole.timestamp()) * 10**9 + nanoseconds


def integer(name, value, bits):
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not -2**(bits - 1) <= value < 2**(bits - 1):
        raise Rejected(f'{name} is no integer of {bits} bits: {value!r}')
    return value


def text(name, value):
    if value is None:
        return ''
    if not isinstance(value, str):
        raise Rejected(f'{name} is no string: {value!r}')
    return value


def read(content):
    """The five fields; createdAt in ns since 1970, None when missing (Go's zero time, long ago)."""
    found = {}

    class Object(list):
        """Name and value pairs, in order, so that a name may come twice."""

    def reject_constant(name):
        raise Rejected(f'{name} is no JSON')

    try:
        decoder = json.JSONDecoder(object_pairs_hook=Object, parse_constant=reject_constant)
        pairs, _ = decoder.raw_decode(content.decode('utf-8').lstrip(' \t\r\n'))
    except (ValueError, UnicodeDecodeError) as error:
        raise Rejected(str(error)) from error
    if not isinstance(pairs, Object):
        raise Rejected('not an object')
    for key, value in pairs:
        if key.lower() in FIELDS and not (value is None and FIELDS[key.lower()] in found):
            found[FIELDS[key.lower()]] = value
    created = found.get('createdAt')
    return {
        'createdAt': None if created is None else parse_time(created),
        'ttl': integer('ttl', found.get('ttl'), 64),
        'hostname': text('hostname', found.get('hostname')),
        'pid': integer('pid', found.get('pid'), 64),
        'ownerId': text('ownerId', found.get('ownerId')),
    }


def is_held(record, now_ns):
    if record['ttl'] == 0:
        return True
    if record['createdAt'] is None:
        return False
    return now_ns <= record['createdAt'] + record['ttl']
