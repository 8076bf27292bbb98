"""A log's file: it rotates, holds whole lines only, and survives a full disk, a kill and whoever moves it away."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

LARGEST = 5 * 1024 * 1024
KEPT = 5  # files, the one that is written among them
_LONGEST_LINE = 256 * 1024


class LogFile:
    """A file that rotates. It is opened for each line: nobody minds when it is moved, deleted or looked at."""

    def __init__(self, path: Path, largest: int = LARGEST, kept: int = KEPT) -> None:
        self._path, self._largest, self._kept = path, largest, kept
        self._is_begun = False

    def write(self, line: bytes) -> None:
        """All of it or nothing; OSError where it cannot be written."""
        file = self._open()
        try:
            size = self._begin(file)
            is_full = size > 0 and size + len(line) > self._largest
            if not is_full:
                _write(file, size, line)
        finally:
            os.close(file)
        if is_full:
            self._rotate()
            self.write(line)

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)

    def _begin(self, file: int) -> int:
        """How long it is; a line that a kill or a loss of power has torn is cut off first."""
        size = os.fstat(file).st_size
        if not self._is_begun:
            if os.name == "posix":
                os.fchmod(file, 0o600)
            tail_at = max(0, size - _LONGEST_LINE)
            os.lseek(file, tail_at, os.SEEK_SET)
            whole = tail_at + os.read(file, size - tail_at).rfind(b"\n") + 1
            if whole < size:
                os.ftruncate(file, whole)
                size = whole
            self._is_begun = True
        return size

    def _rotate(self) -> None:
        for number in range(self._kept - 1, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            newer = self._path.with_name(f"{self._path.name}.{number - 1}") if number > 1 else self._path
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)


def _write(file: int, size: int, line: bytes) -> None:
    written = 0
    try:
        written = os.write(file, line)
    finally:
        if written < len(line):
            os.ftruncate(file, size)
    if written < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
