"""Tells other processes of this machine what the server has done: a small file in the data folder, every two seconds.

A file, because a question and an answer would need a door: one over HTTP must not be, and one of the system's own is
another on each system. It is written whole under another name and then moved, so nobody reads half of it, and it names
the process that wrote it, so nobody takes a dead server's word for a living one's.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVERY_S = 2.0
_STATM = Path("/proc/self/statm")
_DESCRIPTORS = Path("/dev/fd") if sys.platform == "darwin" else Path("/proc/self/fd")


class Reporter:
    def __init__(self, path: Path, figures: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._figures = figures
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Takes the file away: what it says is of a server that no longer is."""
        self._stopping.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError):  # no room: the file then grows old, and shows its age
                self._write()
            if self._stopping.wait(EVERY_S):
                return

    def _write(self) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        said = {"pid": os.getpid(), **self._figures(), "process": _process()}
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - its rights from the first byte on
            json.dump(said, file)
        new.replace(self._path)


def _process() -> dict[str, int | None]:
    """What the process takes of the machine, where the system says so without more ado."""
    memory = descriptors = None
    with contextlib.suppress(OSError, ValueError, AttributeError):
        memory = int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError):
        descriptors = len(os.listdir(_DESCRIPTORS)) - 1  # the one that looks  # noqa: PTH208 - names alone
    return {"memory": memory, "descriptors": descriptors}
