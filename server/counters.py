"""What the running server has done since its start: whole numbers, and histograms of a bounded size."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

_MICRO = 1_000_000
_LARGEST = (1 << 40) - 1  # twelve days in microseconds
_MOST_KINDS = 200  # of one counter: words from outside never become one


class Histogram:
    """Whole numbers by size: exact up to 15, then to within an eighth, whatever their number; the ends are exact."""

    __slots__ = ("buckets", "count", "least", "most")

    def __init__(self) -> None:
        self.count = 0
        self.least = _LARGEST
        self.most = 0
        self.buckets = [0] * (_bucket(_LARGEST) + 1)

    def add(self, value: int, times: int = 1) -> None:
        value = min(value, _LARGEST) if value > 0 else 0
        self.least = min(self.least, value)
        self.most = max(self.most, value)
        self.count += times
        self.buckets[_bucket(value)] += times

    def quantile(self, share: float) -> int | None:
        """The smallest value that so many do not exceed; None where there is nothing."""
        left = share * self.count
        for bucket, times in enumerate(self.buckets):
            left -= times
            if times and left <= 0:
                return max(self.least, min(self.most, _top(bucket)))
        return None


class Counters:
    """Any thread counts; the lock costs a tenth of a microsecond, and a whole batch takes it once or twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, Histogram] = {}
        self._batches = Histogram()
        self._commits = Histogram()
        self._postbacks: Counter[str] = Counter()
        self._relays: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def answered(self, kind: str, count: int, seconds: float) -> None:
        """So many of a kind (click, step, postback, health) were answered, this long after they had been read."""
        with self._lock:
            histogram = self._answers.get(kind)
            if histogram is None:
                histogram = self._answers[kind] = Histogram()
            histogram.add(int(seconds * _MICRO), count)

    def committed(self, count: int, seconds: float) -> None:
        """A batch of so many was written, from the start of its transaction to the end of its flush."""
        with self._lock:
            self._batches.add(count)
            self._commits.add(int(seconds * _MICRO))

    def judged(self, outcome: str, count: int = 1) -> None:
        """A postback's outcome, or where it went instead: spooled, not_stored."""
        self._add(self._postbacks, outcome, count)

    def relayed(self, result: str, count: int = 1) -> None:
        """How one attempt at a relay ended: delivered, or why not."""
        self._add(self._relays, result, count)

    def refused(self, why: str, count: int = 1) -> None:
        """A request or a connection that was not let in: limit, malformed, unknown_address."""
        self._add(self._refused, why, count)

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "answers": {kind: histogram.count for kind, histogram in sorted(self._answers.items())},
                "answer_ms": {kind: _times(histogram) for kind, histogram in sorted(self._answers.items())},
                "postbacks": dict(self._postbacks),
                "relays": dict(self._relays),
                "refused": dict(self._refused),
                "batches": self._batches.count,
                "batch_size": {
                    "min": self._batches.least if self._batches.count else None,
                    "median": self._batches.quantile(0.5),
                    "max": self._batches.most if self._batches.count else None,
                },
                "commit_ms": _times(self._commits),
            }

    def _add(self, counter: Counter[str], word: str, count: int) -> None:
        with self._lock:
            if word in counter or len(counter) < _MOST_KINDS:
                counter[word] += count


def _times(histogram: Histogram) -> dict[str, float | None]:
    if not histogram.count:
        return {"median": None, "p99": None, "max": None}
    micros = {"median": histogram.quantile(0.5), "p99": histogram.quantile(0.99), "max": histogram.most}
    return {name: round((value or 0) / 1000, 3) for name, value in micros.items()}


def _bucket(value: int) -> int:
    """Eight to each doubling."""
    if value < 16:
        return value
    shift = value.bit_length() - 4
    return 8 * shift + (value >> shift)


def _top(bucket: int) -> int:
    """The largest value of a bucket."""
    shift = max(0, bucket // 8 - 1)
    return ((bucket - 8 * shift + 1) << shift) - 1
