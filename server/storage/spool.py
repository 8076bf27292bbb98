"""The spool: what the database cannot take now lies here, on the disk, until it can.

A file of a fixed size, allocated when the server starts, so that a full disk has no say in it. It knows bytes alone.

    0           512         4096
    ┌───────────┬───────────┬────────────────────────┬─────┬────────────────────────┬────────────────────┐
    │ opening   │ opening   │ length, check, record  │  …  │ length, check, record  │ what was here once │
    └───────────┴───────────┴────────────────────────┴─────┴────────────────────────┴────────────────────┘
                              the first                      the last

- **Numbers.** The records are numbered as they come, and the numbers only rise. The opening in force, of the sound
  ones that with the higher number, says the number of the first record; the others follow. Whoever applies them keeps
  the number of the last one, under the spool's name, in the same transaction as what he applied: so each is applied
  once, whatever is killed when.
- **Checks.** The checksum of a record goes on from that of the record before it, that of the first one from its
  opening's. Reading ends where a checksum does not fit: at a tail that a kill has torn, or at what was here once, which
  can never be taken for a continuation.
- **Putting** writes behind the last record and flushes once for all; only then may anybody be answered. What was not
  flushed does not count, and is written over.
- **Emptying**, once everything is applied, writes the opening that is not in force with the next number, and flushes it
  before a record comes to lie over the old ones. If that is torn, the other opening is still in force, and the numbers
  of what it leads to say that it was applied.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from server.storage import spool_file
from server.storage.spool_file import FRAME, RECORDS_AT, Opening, framed

SIZE = 16 * 1024 * 1024
_ID_BYTES = 16
_PAGE = 500

log = logging.getLogger(__name__)


class Spool:
    """Safe for many threads. As long as it is not open, there is no room in it."""

    def __init__(self, path: Path, owner: bytes, size: int = SIZE) -> None:
        """The owner is the data to which the records belong: those of other data are neither read nor lost."""
        self._path = path
        self._owner = owner.ljust(_ID_BYTES, b"\0")[:_ID_BYTES]
        self._size = size
        self._lock = threading.Lock()
        self._file: FileIO | None = None
        self._opening = Opening(bytes(_ID_BYTES), self._owner, 1)
        self._in_force = 0  # which of the two
        self._ends: list[int] = []  # where each record ends
        self._check = 0
        self._applied = 0
        self._is_half_emptied = False

    def open(self) -> None:
        """Takes up the file as it was left, or makes one; OSError where the disk has no room for it."""
        with self._lock:
            if self._file is not None:
                return
            self._change_places()
            if not self._path.exists():
                new = Opening(secrets.token_bytes(_ID_BYTES), self._owner, 1)
                spool_file.make(self._path, self._size, new)
            self._file = FileIO(str(self._path), "r+")
            self._size = os.fstat(self._file.fileno()).st_size
            self._take_up(self._file)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    @property
    def is_open(self) -> bool:
        return self._file is not None

    @property
    def name(self) -> str:
        return self._opening.name.hex()

    @property
    def waiting(self) -> int:
        """How many records are not applied yet."""
        with self._lock:
            return self._last - self._applied

    @property
    def used(self) -> float:
        """The share of its room that is taken."""
        with self._lock:
            return (self._end - RECORDS_AT) / (self._size - RECORDS_AT)

    def put(self, records: Sequence[bytes]) -> int:
        """How many of them, from the front, found room: they are on the disk when this returns."""
        with self._lock:
            if self._file is None:
                return 0
            try:
                if self._is_half_emptied:
                    self._empty(self._file, self._opening.first)
                return self._append(self._file, records)
            except OSError as error:
                log.error("the spool cannot be written: %s", error)  # noqa: TRY400 - one line is enough
                return 0

    def read(self, after: int, most: int) -> list[tuple[int, bytes]]:
        """The records that follow this number, in order, each with its own."""
        with self._lock:
            skipped = max(after + 1 - self._opening.first, 0)
            ends = self._ends[skipped : skipped + most]
            if self._file is None or not ends:
                return []
            at = self._ends[skipped - 1] if skipped else RECORDS_AT
            raw = spool_file.read(self._file, at, ends[-1] - at)
            number = self._opening.first + skipped
        begins = [at, *ends[:-1]]
        return [
            (number + place, raw[begin + FRAME.size - at : end - at])
            for place, (begin, end) in enumerate(zip(begins, ends, strict=True))
        ]

    def all_waiting(self) -> Iterator[bytes]:
        """Page by page, so that nobody who puts has to wait for long."""
        after = self._applied
        while page := self.read(after, _PAGE):
            yield from (record for _, record in page)
            after = page[-1][0]

    def release(self, through: int) -> None:
        """All up to this number are applied; where that is all there is, their room is free again."""
        with self._lock:
            self._applied = max(self._applied, min(through, self._last))
            is_done = bool(self._ends) and through >= self._last
            is_old_copy = through > self._last  # numbers that were given out before must not be given out again
            if self._file is not None and (is_done or is_old_copy):
                self._empty(self._file, max(through, self._last) + 1)

    @property
    def _last(self) -> int:
        return self._opening.first + len(self._ends) - 1

    @property
    def _end(self) -> int:
        return self._ends[-1] if self._ends else RECORDS_AT

    def _append(self, file: FileIO, records: Sequence[bytes]) -> int:
        raw, ends, check = bytearray(), [], self._check
        for record in records:
            frame, next_check = framed(record, check)
            if self._end + len(raw) + len(frame) > self._size:
                break
            raw += frame
            check = next_check
            ends.append(self._end + len(raw))
        if ends:
            spool_file.write(file, self._end, bytes(raw))
            self._ends += ends
            self._check = check
        return len(ends)

    def _empty(self, file: FileIO, first: int) -> None:
        """Where this fails, nobody knows which opening is in force: it is done again before anything is put."""
        self._opening, self._ends, self._applied = Opening(self._opening.name, self._owner, first), [], first - 1
        self._is_half_emptied = True
        spool_file.write_opening(file, 1 - self._in_force, self._opening)
        self._in_force = 1 - self._in_force
        self._check = self._opening.check
        self._is_half_emptied = False

    def _take_up(self, file: FileIO) -> None:
        sound = [(opening.first, which, opening) for which, opening in enumerate(spool_file.openings(file)) if opening]
        _, self._in_force, self._opening = max(sound, key=lambda one: one[0])
        self._check, self._ends, self._applied = self._opening.check, [], self._opening.first - 1
        while frame := spool_file.read(file, self._end, FRAME.size):
            length = int.from_bytes(frame[:4], "little")
            if not 0 < length <= self._size - self._end - FRAME.size:
                return
            record = spool_file.read(file, self._end + FRAME.size, length)
            whole, check = framed(record, self._check)
            if whole[: FRAME.size] != frame:
                return
            self._ends.append(self._end + len(whole))
            self._check = check

    def _change_places(self) -> None:
        """Where a folder serves other data than last time, their spool is kept beside, and ours is taken up again."""
        if self._path.exists():
            with FileIO(str(self._path), "r") as file:
                owners = {opening.owner for opening in spool_file.openings(file) if opening}
            if self._owner in owners:
                return
            aside = self._kept_as(owners.pop() if owners else None)
            self._path.replace(aside)
            log.warning("%s is not the spool of this database; it is called %s now", self._path, aside.name)
        with contextlib.suppress(FileNotFoundError):
            self._kept_as(self._owner).replace(self._path)

    def _kept_as(self, owner: bytes | None) -> Path:
        return self._path.with_name(f"{self._path.name}.{owner.hex()[:8] if owner else 'unreadable'}")
