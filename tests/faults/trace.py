"""What a server did in the order in which it did it, as strace tells it: reading, flushing, answering."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STRACE = shutil.which("strace")
_TO_ATTACH_S = 20.0
_LINE = re.compile(r"(?P<thread>\d+) +(?P<call>\w+)\((?P<file>\d+<[^>]*(?:>|\])>?)?(?P<rest>.*)")
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)")
_FLUSHES = ("fdatasync", "fsync")
_READS = ("recvfrom", "read")
_SENDS = ("sendto", "send", "write")
_DURABLE = ("/tallyback.db-wal>", "/spool>")


@dataclass(frozen=True, slots=True)
class Event:
    """`began` and `ended` are places in the order of all; a call of one thread can end after one of another began."""

    kind: str  # flush, read, send
    file: str
    text: str
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Call:
    """One of the system, with what it was told and gave: `text` is all behind the file, the result at its end."""

    name: str
    file: str
    text: str
    began: int
    ended: int

    @property
    def result(self) -> str:
        return self.text.rpartition(" = ")[2]


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Those that ended, in the order in which they did."""
    open_calls: dict[str, tuple[str, str, str, int]] = {}
    for place, line in enumerate(lines):
        if resumed := _RESUMED.match(line):
            name, file, text, began = open_calls.pop(resumed["thread"], ("", "", "", place))
            yield Call(name, file, text + resumed["rest"], began, place)
        elif begun := _LINE.match(line):
            file, rest = begun["file"] or "", begun["rest"]
            if rest.endswith("<unfinished ...>"):
                open_calls[begun["thread"]] = (begun["call"], file, rest.removesuffix("<unfinished ...>"), place)
            else:
                yield Call(begun["call"], file, rest, place, place)


def events(lines: Iterable[str]) -> list[Event]:
    return [event for call in calls(lines) for event in _event(call)]


def _event(call: Call) -> Iterator[Event]:
    if call.result.startswith("-1"):
        return
    if call.name in _FLUSHES and any(name in call.file for name in _DURABLE):
        yield Event("flush", call.file, "", call.began, call.ended)
    elif call.name in _READS and "socket" in call.file:
        yield Event("read", call.file, call.text, call.began, call.ended)
    elif call.name in _SENDS and "socket" in call.file:
        yield Event("send", call.file, call.text, call.began, call.ended)


def unflushed(found: Sequence[Event]) -> tuple[int, list[str]]:
    """How many answers there were, and those that no whole flush precedes that began after their request was read."""
    asked: dict[str, int] = {}
    answers, bad = 0, []
    for event in sorted(found, key=lambda event: event.ended if event.kind == "read" else event.began):
        if event.kind == "read" and re.search(r'"(GET|POST) /[cp]/', event.text):
            asked[event.file] = event.ended
        elif event.kind == "send" and re.search(r'"HTTP/1\.1 (302|200)', event.text) and event.file in asked:
            answers += 1
            since = asked.pop(event.file)
            if not any(one.kind == "flush" and since < one.began and one.ended < event.began for one in found):
                bad.append(event.text[:200])
    return answers, bad


@contextmanager
def traced(pid: int, file: Path) -> Iterator[None]:
    assert STRACE
    calls = ",".join((*_FLUSHES, *_READS, *_SENDS))
    words = ["-f", "-qq", "-y", "-s", "60", "-e", f"trace={calls}", "-e", "signal=none", "-o", str(file)]
    with subprocess.Popen([STRACE, *words, "-p", str(pid)], stderr=subprocess.PIPE, text=True) as strace:
        until = time.monotonic() + _TO_ATTACH_S
        while strace.poll() is None and not _is_attached(pid):
            assert time.monotonic() < until, "strace does not attach"
            time.sleep(0.02)
        try:
            yield
        finally:
            if strace.poll() is None:
                strace.terminate()


def _is_attached(pid: int) -> bool:
    """To every thread there is."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return all("TracerPid:\t0\n" not in (thread / "status").read_text() for thread in threads)
