"""The server's log: one JSON object a line, in a file that rotates; short lines for a person on stderr.

    {"time": "2026-03-01T12:00:00.000Z", "level": "warning", "where": "server.drain:77", "event": "…", …}

Beside these stand an event's own fields, `error` and `traceback` where there was one, and `repeated` where what is said
again and again is summed up. Whoever logs is never kept waiting by a disk or by a reader of stderr: a thread of its own
writes, and lines that cannot be written wait in memory, as long as there are not too many. Text from outside cannot
break a line or forge one, our secrets are cut out of it, and addresses are shortened.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from server.domain.discretion import Discretion, credentials
from server.domain.moment import iso
from server.domain.things import Setup
from server.log_file import LogFile

MOST_ALIKE = 20  # a minute
MOST_WAITING = 2_000
_MINUTE_S = 60.0
_TICK_S = 1.0
_LAST_LINES_S = 2.0
_LONGEST = 2_000
_LONGEST_TRACEBACK = 16_000
_MOST_KINDS = 1_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Alike:
    """What the same place said in the same words since then, and the last of those that were held back."""

    since: float
    count: int = 0
    held_back: int = 0
    last: logging.LogRecord | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    line: bytes
    for_a_person: str


class ServerLog(logging.Handler):
    """While it is entered, it is all there is to the logging of this process."""

    def __init__(self) -> None:
        super().__init__()
        self._setup: Callable[[], Setup] = Setup
        self._known: Setup | None = None
        self._discretion = Discretion()
        self._alike: dict[tuple[str, int, str], _Alike] = {}
        self._queue: queue.Queue[_Said | None] = queue.Queue(MOST_WAITING)
        self._overflowed = 0
        self._file: LogFile | None = None
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        self._is_failing = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)

    def __enter__(self) -> Self:
        root, ours = logging.getLogger(), logging.getLogger("server")
        self._before = (root.handlers[:], ours.level, threading.excepthook)
        root.handlers = [self]
        ours.setLevel(logging.INFO)
        threading.excepthook = _on_thread_exception
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        root, ours = logging.getLogger(), logging.getLogger("server")
        root.handlers, level, threading.excepthook = self._before
        ours.setLevel(level)
        self.close()

    def keep_in(self, path: Path, setup: Callable[[], Setup]) -> None:
        """What was said before is kept too: nobody writes there who may still find the folder taken.

        `setup` gives the last one that is known, whose secrets no line may tell; it must not look for a newer one.
        """
        self._setup = setup
        self._file = LogFile(path)

    def close(self) -> None:
        """Whatever was said is still written, as far as the disk lets it be soon."""
        if self._thread.is_alive():
            self._sum_up(is_all=True)
            with contextlib.suppress(queue.Full):
                self._queue.put(None, timeout=_LAST_LINES_S)
            self._thread.join(_LAST_LINES_S)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._count(record)
        except Exception:  # noqa: BLE001 - a log must not fail whoever logs
            self.handleError(record)

    # -- whoever logs ------------------------------------------------------------------------------------------------

    def _count(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        words = str(record.msg)[:200] if len(self._alike) < _MOST_KINDS else ""
        key = (record.name, record.lineno, words)
        alike = self._alike.get(key)
        if alike is None or now - alike.since >= _MINUTE_S:
            if alike is not None:
                self._tell_of(alike)
            alike = self._alike[key] = _Alike(now)
        alike.count += 1
        if alike.count > MOST_ALIKE:
            alike.held_back += 1
            alike.last = record
        else:
            self._put(record, 0)

    def _sum_up(self, *, is_all: bool = False) -> None:
        with self.lock or contextlib.nullcontext():
            now = time.monotonic()
            for key, alike in list(self._alike.items()):
                if is_all or now - alike.since >= _MINUTE_S:
                    del self._alike[key]
                    self._tell_of(alike)

    def _tell_of(self, alike: _Alike) -> None:
        if alike.last is not None:
            self._put(alike.last, alike.held_back)

    def _put(self, record: logging.LogRecord, repeated: int) -> None:
        setup = self._setup()
        if setup is not self._known:  # a secret that was changed since may still be in use elsewhere
            self._discretion = Discretion(self._discretion.secrets | credentials(setup))
            self._known = setup
        said = _said(record, repeated, self._discretion)
        try:
            self._queue.put_nowait(said)
        except queue.Full:
            self._overflowed += 1

    # -- its own thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        tick_at = time.monotonic() + _TICK_S
        is_over = False
        while not is_over:
            with contextlib.suppress(queue.Empty):
                said = self._queue.get(timeout=_TICK_S)
                if said is None:
                    is_over = True
                else:
                    self._take(said)
            if self._queue.empty() or is_over:
                self._write()
            if time.monotonic() >= tick_at:
                tick_at = time.monotonic() + _TICK_S
                self._sum_up()

    def _take(self, said: _Said) -> None:
        if said.for_a_person:
            _tell_a_person(said.for_a_person)
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(said.line)
        else:
            self._lost += 1

    def _write(self) -> None:
        file, self._overflowed, overflowed = self._file, 0, self._overflowed
        self._lost += overflowed
        if file is None:
            return
        try:
            while self._waiting:
                file.write(self._waiting[0])
                self._waiting.popleft()
            if self._lost:
                file.write(_own_line(f"{self._lost} lines found no room and are missing here"))
                self._lost = 0
        except OSError as error:
            if not self._is_failing:
                _tell_a_person(f"tallyback: The log cannot be written: {error.strerror}. Make room on the disk.\n")
            self._is_failing = True
        else:
            self._is_failing = False


def _said(record: logging.LogRecord, repeated: int, discreet: Discretion) -> _Said:
    event = discreet(_message(record)[: 2 * _LONGEST])[:_LONGEST]
    if repeated:
        event += f" (and {repeated} more like this)"
    document: dict[str, Any] = {
        "time": iso(int(record.created * 1000)),
        "level": record.levelname.lower(),
        "where": f"{record.name}:{record.lineno}",
        "event": event,
    }
    if repeated:
        document["repeated"] = repeated
    for name, value in getattr(record, "fields", {}).items():
        document[name] = discreet(value[: 2 * _LONGEST])[:_LONGEST] if isinstance(value, str) else value
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        first = f"{type(error).__name__}: {error}".partition("\n")[0]
        document["error"] = discreet(first[: 2 * _LONGEST])[:_LONGEST]
        trace = "".join(traceback.format_exception(error))[-2 * _LONGEST_TRACEBACK :]
        document["traceback"] = discreet(trace)[-_LONGEST_TRACEBACK:]
    line = json.dumps(document, default=str, separators=(",", ":")).replace("\x7f", "\\u007f")
    return _Said(line.encode("ascii") + b"\n", _for_a_person(record, document))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - words that do not fit their place are told as they are
        return f"{record.msg} {record.args}"


def _for_a_person(record: logging.LogRecord, document: dict[str, Any]) -> str:
    if record.levelno < logging.WARNING:
        return ""
    words = document["event"]
    if "error" in document:
        words += f": {document['error']} (Traceback in the log)"
    shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in words)
    return f"{logging.Formatter().formatTime(record)} {record.levelname} {record.name}: {shown}\n"


def _own_line(event: str) -> bytes:
    record = log.makeRecord(log.name, logging.WARNING, "", 0, event, (), None)
    return _said(record, 0, Discretion()).line


def _tell_a_person(words: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody reads, or there is no stderr at all
        sys.stderr.write(words)
        sys.stderr.flush()


def _on_thread_exception(fault: threading.ExceptHookArgs) -> None:
    if fault.exc_value is not None:
        name = fault.thread.name if fault.thread else "of no name"
        log.critical("the thread %s ended", name, exc_info=fault.exc_value)
