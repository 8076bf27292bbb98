"""What a disk would hold if the power went: rebuilt from a trace, where only what was flushed is sure to be there.

A file is what was sure of it and the changes that came since. A flush makes sure what had ended before it began, once
it has returned. Of all other changes the loss of power leaves any: each sector of 512 bytes is as it was after some of
them, because a disk writes when and in what order it likes.

That a file is there under its name is taken as sure at once: SQLite and the spool flush the folder too, and what is
left of a folder that was not flushed is a matter of the file system.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tests.faults.trace import STRACE, Call

SECTOR = 512
CHANGES = ("pwrite64", "write", "ftruncate", "fallocate")
FLUSHES = ("fsync", "fdatasync")
_NAMING = ("openat", "rename", "unlink")
_STEPS = (*CHANGES, *FLUSHES, *_NAMING, "lseek")
_UNKNOWN = ("writev", "pwritev", "pwritev2", "sendfile", "dup", "renameat", "renameat2", "unlinkat")
_TRACED = (*_STEPS, *_UNKNOWN, "recvfrom", "sendto", "sendmsg")
_NOT_KEPT = "-shm"  # SQLite's index of its log: memory that lies in a file, made anew after a crash
_NOTHING = bytes(1 << 20)
_LONGEST = 16 << 20  # of what strace tells: no write may be longer
_PATH = re.compile(r'[<"]((?:\\x[0-9a-f]{2})+)[>"]')

Files = Mapping[str, bytes | bytearray]  # under their names in the folder


def under_strace(trace: Path, *words: str, cwd: Path) -> subprocess.Popen[str]:
    """The process itself and not its tracer: it is stopped and waited for like any other."""
    assert STRACE
    how = ["-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", str(_LONGEST), "-e", "signal=none", "-o", str(trace)]
    command = [STRACE, *how, "-e", f"trace={','.join(_TRACED)}", *words]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, text=True)


def refusal() -> str | None:
    """Why nothing can be traced here, None where it can."""
    if STRACE is None:
        return "strace is not installed"
    words = [STRACE, "-f", "--seccomp-bpf", "-o", os.devnull, sys.executable, "-c", ""]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return f"strace may not look: {done.stderr.strip()}" if done.returncode else None


def bytes_of(call: Call) -> bytes:
    """What it wrote, sent or was given."""
    begin = call.text.find('"') + 1
    end = call.text.find('"', begin)
    assert not call.text.startswith("...", end + 1), "strace told half of it"
    return _from_hex(call.text[begin:end]) if begin else b""


def _from_hex(shown: str) -> bytes:
    return bytes.fromhex(shown.replace("\\x", ""))


@dataclass(frozen=True, slots=True)
class _Change:
    """Bytes from a place on, none where the file is only to reach to there; or, without any, where it ends now."""

    at: int
    data: bytes | None
    ended: int

    def apply(self, content: bytearray) -> None:
        if self.data is None:
            del content[self.at :]
        content.extend(bytes(max(0, self.at - len(content))))
        if self.data:
            content[self.at : self.at + len(self.data)] = self.data

    def sectors(self) -> Iterator[_Change]:
        begin, data = self.at, self.data
        while data:
            size = SECTOR - begin % SECTOR
            yield _Change(begin, data[:size], self.ended)
            begin, data = begin + size, data[size:]


@dataclass(slots=True)
class _File:
    sure: bytearray = field(default_factory=bytearray)
    unsure: list[_Change] = field(default_factory=list)

    def whole(self) -> bytearray:
        """As those see it who read and write it."""
        content = bytearray(self.sure)
        for change in self.unsure:
            change.apply(content)
        return content

    def flush(self, began: int) -> None:
        for change in self.unsure:
            if change.ended < began:
                change.apply(self.sure)
        self.unsure = [change for change in self.unsure if change.ended >= began]

    def survivors(self, chance: random.Random) -> bytearray:
        """The first changes whole; of those behind them here and there a sector."""
        content = bytearray(self.sure)
        whole = chance.randint(0, len(self.unsure))
        reached: dict[int, int] = {}  # after how many of the changes this sector was written
        for number, change in enumerate(self.unsure):
            if number < whole:
                change.apply(content)
                continue
            if change.data is None:  # the file still has its old length: what was written for the new one is not there
                break
            for piece in change.sectors():
                if number < reached.setdefault(piece.at // SECTOR, chance.randint(whole, len(self.unsure))):
                    piece.apply(content)
        return content


class Disk:
    """A folder as it was when the trace began, then moment after moment."""

    def __init__(
        self,
        folder: Path,
        before: Files,
        steps: Sequence[Call],
        forgets: Callable[[Call], bool] = lambda _: False,
    ) -> None:
        """`forgets` says which flushes do nothing: those of a disk that lies, or of a program that does not ask."""
        self._folder = folder
        self._files = {name: _File(bytearray(raw)) for name, raw in before.items()}
        self._steps = steps
        self._next = 0
        self._forgets = forgets
        # Of the next write, for each descriptor. Reading moves it too, which is not traced: who writes here seeks first.
        self._positions: dict[str, int] = {}
        self._appending: set[str] = set()

    def run(self, moment: int) -> None:
        """All that began up to this moment; a flush only where it has returned as well."""
        while self._next < len(self._steps) and place_of(self._steps[self._next]) <= moment:
            self._step(self._steps[self._next])
            self._next += 1

    def sure(self) -> Files:
        return {name: file.sure for name, file in self._files.items()}

    def some(self, chance: random.Random) -> Files:
        """What is sure, and of what is not whatever chance leaves."""
        return {name: file.survivors(chance) for name, file in self._files.items()}

    def whole(self) -> Files:
        return {name: file.whole() for name, file in self._files.items()}

    def _step(self, call: Call) -> None:
        if call.name in CHANGES:
            self._change(call)
        elif call.name in FLUSHES:
            if not self._forgets(call):
                self._file(call).flush(call.began)
        elif call.name == "lseek":
            self._positions[_descriptor(call.file)] = int(call.result)
        elif call.name == "openat":
            self._open(call)
        else:
            old, *new = names_of(self._folder, call)
            file = self._files.pop(old)
            self._files.update(dict.fromkeys(new, file))  # none where it was removed

    def _change(self, call: Call) -> None:
        arguments = call.text.rpartition(")")[0].split(", ")
        file = self._file(call)
        if call.name == "ftruncate":
            change = _Change(int(arguments[-1]), None, call.ended)
        elif call.name == "fallocate":
            change = _Change(int(arguments[-2]) + int(arguments[-1]), b"", call.ended)
        else:
            at = int(arguments[-1]) if call.name == "pwrite64" else self._position(call, file)
            change = _Change(at, bytes_of(call)[: int(call.result)], call.ended)
        file.unsure.append(change)

    def _position(self, call: Call, file: _File) -> int:
        descriptor = _descriptor(call.file)
        at = len(file.whole()) if descriptor in self._appending else self._positions[descriptor]
        self._positions[descriptor] = at + int(call.result)
        return at

    def _open(self, call: Call) -> None:
        [name] = names_of(self._folder, call)
        file, descriptor = self._files.setdefault(name, _File()), _descriptor(call.result)
        self._positions[descriptor] = 0
        self._appending.discard(descriptor)
        if "O_APPEND" in call.text:
            self._appending.add(descriptor)
        if "O_TRUNC" in call.text:
            file.unsure.append(_Change(0, None, call.ended))

    def _file(self, call: Call) -> _File:
        [name] = names_of(self._folder, call)
        return self._files[name]


def steps(folder: Path, calls: Iterable[Call]) -> list[Call]:
    """What was done to this folder, in the order in which it counts."""
    ours = [call for call in calls if call.result[:1] not in ("-", "?") and names_of(folder, call)]
    unknown = {call.name for call in ours if call.name in _UNKNOWN}
    assert not unknown, f"the platter does not know what these leave on a disk: {unknown}"
    return sorted((call for call in ours if call.name in _STEPS), key=place_of)


def place_of(call: Call) -> int:
    """A change may be on the disk once it has begun, all else counts when it has returned."""
    return call.began if call.name in CHANGES else call.ended


def names_of(folder: Path, call: Call) -> list[str]:
    """Of the files of this folder with which it has to do."""
    inside = f"{folder}/"
    where = call.result if call.name == "openat" else call.file or call.text
    return [
        path.removeprefix(inside) for path in _paths(where) if path.startswith(inside) and not path.endswith(_NOT_KEPT)
    ]


@lru_cache(maxsize=4096)
def _paths(shown: str) -> tuple[str, ...]:
    return tuple(_from_hex(found).decode() for found in _PATH.findall(shown))


def _descriptor(shown: str) -> str:
    return shown.partition("<")[0]


def contents(folder: Path) -> Files:
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith(_NOT_KEPT)}


def put_down(files: Files, folder: Path) -> None:
    """The folder as it is found when the power is back."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, raw in files.items():
        with (folder / name).open("wb") as file:
            for at in range(0, len(raw), len(_NOTHING)):
                if not _NOTHING.startswith(block := raw[at : at + len(_NOTHING)]):  # most of a spool is nothing
                    file.seek(at)
                    file.write(block)
            file.truncate(len(raw))
