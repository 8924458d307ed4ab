"""The reader itself does what was observed of the Go package."""
import sys

import go_reader

NOW = 1_800_000_000 * 10**9
HELD, FREE, REJECTED = 'held', 'free', 'rejected'

CASES = [
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":0}', HELD),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":1}', FREE),
    (b'{"createdAt":"2099-01-01T00:00:00Z","ttl":1}', HELD),
    (b'{"createdAt":"2099-01-01T00:00:00Z","ttl":1,"state":"released"}', HELD),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":9223372036854775807}', HELD),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":9223372036854775808}', REJECTED),
    (b'{"createdAt":"2099-01-01T00:00:00Z","ttl":-9223372036854775808}', FREE),
    (b'{"createdAt":"2020-01-01T00:00:00Z"}', HELD),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":null}', HELD),
    (b'{"ttl":5}', FREE),
    (b'{"createdAt":null,"ttl":5}', FREE),
    (b'{"createdAt":"2099-01-01T02:00:00+02:00","ttl":5}', HELD),
    (b'{"createdAt":"2099-01-01T02:00:00.123456789012Z","ttl":5}', HELD),
    (b'{"CREATEDAT":"2099-01-01T00:00:00Z","Ttl":5}', HELD),
    (b'{"ttl":0,"createdAt":"2020-01-01T00:00:00Z","ttl":1}', FREE),
    (b'  {"createdAt":"2020-01-01T00:00:00Z","ttl":0}   \n\n garbage', HELD),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":"5"}', REJECTED),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":5.0}', REJECTED),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":1e15}', REJECTED),
    (b'{"createdAt":"2020-01-01T00:00:00Z","ttl":5,"pid":"1"}', REJECTED),
    (b'{"createdAt":1,"ttl":5}', REJECTED),
    (b'{"createdAt":"2020-01-01T00:00:00","ttl":5}', REJECTED),
    (b'{"createdAt":"2020-01-01t00:00:00z","ttl":5}', REJECTED),
    (b'\xef\xbb\xbf{"createdAt":"2020-01-01T00:00:00Z","ttl":5}', REJECTED),
    (b'[]', REJECTED),
    (b'{"createdAt":"2020-01-', REJECTED),
    (b'', REJECTED),
]

failures = 0
for content, expected in CASES:
    try:
        verdict = HELD if go_reader.is_held(go_reader.read(content), NOW) else FREE
    except go_reader.Rejected:
        verdict = REJECTED
    if verdict != expected:
        failures += 1
        print(f'{content!r}: {verdict}, expected {expected}')
sys.exit(1 if failures else 0)
