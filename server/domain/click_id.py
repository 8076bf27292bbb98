"""Click ids: 23 characters that carry the click's key and prove themselves.

A known network keeps no more than 24 characters, so an id is base 32 of 14 bytes: the click's integer key
(8 bytes, time-ordered) and a keyed digest of it (6 bytes). The three bits left over in the last character are zero.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import threading

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: nothing that looks like something else
LENGTH = 23
SURVIVING = 14  # characters of a damaged id that are enough to suggest a click: 13 hold the key

_PYTHONS = "0123456789abcdefghijklmnopqrstuv"  # what int() reads as base 32
_NO_DIGIT = ord("~")
_TO_PYTHONS = bytes(
    ord(_PYTHONS[ALPHABET.index(chr(byte))]) if chr(byte) in ALPHABET else _NO_DIGIT for byte in range(256)
)
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS = range((LENGTH - 3) * 5, -1, -10)  # of the pairs behind the first character
_SPARE_BITS = LENGTH * 5 - 14 * 8
_EPOCH = 1_577_836_800_000  # 2020-01-01: 41 bits of milliseconds from there last until 2089
_SERVER_BITS, _SEQUENCE_BITS = 6, 16
_LOW_BITS = _SERVER_BITS + _SEQUENCE_BITS
_FULL = (1 << _SEQUENCE_BITS) - 1
SERVERS = 1 << _SERVER_BITS
MAX_KEY = (1 << 63) - 1
JUMP = 10_000  # a clock this far behind has been set back; anything less is jitter


def encode(key: int, secret: bytes) -> str:
    number = (int.from_bytes(_stamped(key, secret)) << _SPARE_BITS) & ((1 << LENGTH * 5) - 1)
    pairs = [_PAIRS[number >> shift & 1023] for shift in _SHIFTS]
    return ALPHABET[number >> (LENGTH - 1) * 5] + "".join(pairs)


def decode(text: str, secret: bytes) -> int | None:
    """The key of an id that proves itself, in any case; None for anything else."""
    if len(text) != LENGTH or (number := _number(text)) is None or number & ((1 << _SPARE_BITS) - 1):
        return None
    stamped = (number >> _SPARE_BITS).to_bytes(14)
    key = int.from_bytes(stamped[:8])
    return key if key <= MAX_KEY and hmac.compare_digest(stamped, _stamped(key, secret)) else None


def surviving_key(text: str) -> int | None:
    """The key that the first 13 characters of a damaged id spell, to suggest a click, never to attribute by."""
    if not len(text) >= SURVIVING or (number := _number(text[:13])) is None:
        return None
    key = number >> 1
    return key if key <= MAX_KEY else None


def is_suggested_by(text: str, click_id: str) -> bool:
    return text[:SURVIVING].lower() == click_id[:SURVIVING]


def key_time(key: int) -> int:
    return (key >> _LOW_BITS) + _EPOCH


def first_key(time: int) -> int:
    """The smallest key of that millisecond: a range of time is a range of keys."""
    return min(max(0, time - _EPOCH) << _LOW_BITS, MAX_KEY)


class Keys:
    """Hands out keys that rise with time, each once for this process."""

    def __init__(self, server: int) -> None:
        self._server = server % SERVERS
        self._lock = threading.Lock()
        self._time = 0
        self._sequence = 0
        self._passed = 0  # how far the clock had come before it was set back

    def next(self, now: int) -> int:
        with self._lock:
            now = max(now, _EPOCH)  # a machine whose clock starts in 1970 still records its clicks
            if now > self._time:
                self._time, self._sequence = now, self._start(now)
            elif now < self._time - JUMP:
                self._passed = max(self._passed, self._time)
                self._time, self._sequence = now, self._start(now)
            elif self._sequence == _FULL:
                self._time, self._sequence = self._time + 1, 0
            else:
                self._sequence += 1
            return (self._time - _EPOCH << _LOW_BITS) | (self._server << _SEQUENCE_BITS) | self._sequence

    def _start(self, now: int) -> int:
        """A clock that was set back is believed; a random start keeps clear of the keys of the first pass."""
        return 0 if now > self._passed else random.randrange(_FULL // 4, _FULL // 2)


def _stamped(key: int, secret: bytes) -> bytes:
    raw = key.to_bytes(8)
    return raw + hashlib.blake2b(raw, digest_size=6, key=secret).digest()


def _number(text: str) -> int | None:
    if not text.isascii():  # lower() turns some foreign letters into ours
        return None
    try:
        return int(text.lower().encode().translate(_TO_PYTHONS), 32)
    except ValueError:
        return None
