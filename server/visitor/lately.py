"""A bounded memory of what was seen lately, in a room that never grows."""

from __future__ import annotations

import threading
from array import array

from server.clock import SECOND

_WAYS = 8  # places that a key may be in; the one seen longest ago gives way
_BYTES_A_PLACE = 12


class Lately:
    """Which keys of 64 bits were seen within a span of time. Safe for many threads; 12 bytes a place."""

    def __init__(self, places: int, span_ms: int) -> None:
        self._rows = places // _WAYS
        self._span_s = span_ms // SECOND
        self._keys = array("Q", bytes(8 * places))
        self._seen_at = array("I", bytes(4 * places))
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self._keys) * _BYTES_A_PLACE

    def knows(self, key: int, now: int) -> bool:
        with self._lock:
            at = self._find(key)
            return at is not None and abs(now // SECOND - self._seen_at[at]) < self._span_s

    def remember(self, key: int, at: int) -> None:
        with self._lock:
            place = self._find(key)
            if place is None:
                row = self._row(key)
                times = self._seen_at[row : row + _WAYS]
                place = row + times.index(min(times))
                self._keys[place] = key
            self._seen_at[place] = at // SECOND

    def _row(self, key: int) -> int:
        return key % self._rows * _WAYS

    def _find(self, key: int) -> int | None:
        row = self._row(key)
        keys = self._keys[row : row + _WAYS]
        return row + keys.index(key) if key in keys else None
