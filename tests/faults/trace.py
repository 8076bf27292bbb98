"""What a server did in the order in which it did it, as strace tells it: reading, flushing, answering."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
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


def events(lines: Sequence[str]) -> list[Event]:
    found: list[Event] = []
    open_calls: dict[str, tuple[str, str, str, int]] = {}
    for place, line in enumerate(lines):
        if resumed := _RESUMED.match(line):
            call, file, text, began = open_calls.pop(resumed["thread"], ("", "", "", place))
            found += _event(call, file, text + resumed["rest"], began, place)
        elif begun := _LINE.match(line):
            file, rest = begun["file"] or "", begun["rest"]
            if rest.endswith("<unfinished ...>"):
                open_calls[begun["thread"]] = (begun["call"], file, rest.removesuffix("<unfinished ...>"), place)
            else:
                found += _event(begun["call"], file, rest, place, place)
    return found


def _event(call: str, file: str, text: str, began: int, ended: int) -> Iterator[Event]:
    if text.rpartition(" = ")[2].startswith("-1"):
        return
    if call in _FLUSHES and any(name in file for name in _DURABLE):
        yield Event("flush", file, "", began, ended)
    elif call in _READS and "socket" in file:
        yield Event("read", file, text, began, ended)
    elif call in _SENDS and "socket" in file:
        yield Event("send", file, text, began, ended)


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
